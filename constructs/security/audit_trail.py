"""The record of who did what in the account."""

import aws_cdk as cdk
from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.platform_log_group import PlatformLogGroup

from configuration.partition import PARTITION


class AuditTrail(Construct):
    """One trail of all regions, validated and encrypted, kept in ``bucket`` and readable in ``log_group``.

    The L1 and not the L2, which writes a bucket policy that any trail of the account could use.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        trail_name: str,
        bucket: s3.IBucket,
        key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.log_group = PlatformLogGroup(
            self, "Logs", key=logs_key, retention_days=log_retention_days, removal_policy=removal_policy
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "cloudtrail.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceArn": trail_arn(stack, trail_name)}},
            ),
            description="What the trail may do with its log group",
        )
        self.log_group.grant_write(role)
        self.trail = cloudtrail.CfnTrail(
            self,
            "Trail",
            trail_name=trail_name,
            is_logging=True,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            s3_bucket_name=bucket.bucket_name,
            kms_key_id=key.key_arn,
            cloud_watch_logs_log_group_arn=self.log_group.log_group_arn,
            cloud_watch_logs_role_arn=role.role_arn,
        )
        # Its creation tries to write to both.
        self.trail.node.add_dependency(role)
        if bucket.policy is not None:
            self.trail.node.add_dependency(bucket.policy)


def trail_arn(stack: cdk.Stack, trail_name: str) -> str:
    """The ARN of a trail of the stack's region, known before the trail exists."""
    return f"arn:{PARTITION}:cloudtrail:{stack.region}:{stack.account}:trail/{trail_name}"
