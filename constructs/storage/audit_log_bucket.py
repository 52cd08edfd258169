"""Buckets that receive the logs of others."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.partition import PARTITION


class AuditLogBucket(s3.Bucket):
    """Receives S3's access logs of the region; encrypted with S3's own keys, because log delivery knows no other.

    CloudFront delivers by ACL and therefore needs another ``object_ownership`` than the default.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        lifecycle_rules: list[s3.LifecycleRule],
        removal_policy: cdk.RemovalPolicy,
        object_ownership: s3.ObjectOwnership = s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=object_ownership,
            versioned=True,
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy == cdk.RemovalPolicy.DESTROY,
            lifecycle_rules=lifecycle_rules,
        )
        acknowledge(self, "AwsSolutions-S1", reason="This is where the access logs go; its own would log themselves")

    def admit_logs_of(self, bucket_name: str) -> None:
        """Let S3 write the access logs of a bucket of this account that another stack makes, below ``s3/<its name>/``.

        CDK writes this statement for buckets of the same stack; for others it forgets the conditions.
        """
        stack = cdk.Stack.of(self)
        self.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[self.arn_for_objects(f"s3/{bucket_name}/*")],
                conditions={
                    "ArnLike": {"aws:SourceArn": f"arn:{PARTITION}:s3:::{bucket_name}"},
                    "StringEquals": {"aws:SourceAccount": stack.account},
                },
            )
        )

    def archive_to(self, archive: s3.IBucket, *, role: iam.IRole) -> None:
        """Copy every log to ``archive``; what is deleted here stays there."""
        cast(
            "s3.CfnBucket", self.node.default_child
        ).replication_configuration = s3.CfnBucket.ReplicationConfigurationProperty(
            role=role.role_arn,
            rules=[
                s3.CfnBucket.ReplicationRuleProperty(
                    id="Archive",
                    priority=1,
                    status="Enabled",
                    filter=s3.CfnBucket.ReplicationRuleFilterProperty(prefix=""),
                    delete_marker_replication=s3.CfnBucket.DeleteMarkerReplicationProperty(status="Disabled"),
                    destination=s3.CfnBucket.ReplicationDestinationProperty(bucket=archive.bucket_arn),
                )
            ],
        )
        self.node.add_dependency(role)
