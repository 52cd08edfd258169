"""AWS Config's recorder of a region."""

from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.partition import PARTITION


class ConfigRecorder(Construct):
    """Records every supported resource of the region and delivers to ``bucket``.

    Recorder and channel are siblings without an order between them: CloudFormation starts the recorder once
    both exist, and either order by dependency fails. ``record_global_types`` belongs to one region alone.
    """

    def __init__(self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, record_global_types: bool) -> None:
        super().__init__(scope, construct_id)
        account = bucket.stack.account
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "config.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
            managed_policies=[
                iam.ManagedPolicy.from_managed_policy_arn(
                    self, "ReadEverything", f"arn:{PARTITION}:iam::aws:policy/service-role/AWS_ConfigRole"
                )
            ],
        )
        prefix = f"AWSLogs/{account}/Config/*"
        self.role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                resources=[bucket.arn_for_objects(prefix)],
                conditions={"StringLike": {"s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        self.role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetBucketAcl", "s3:ListBucket"], resources=[bucket.bucket_arn])
        )
        acknowledge(
            self.role,
            f"AwsSolutions-IAM4[Policy::arn:{PARTITION}:iam::aws:policy/service-role/AWS_ConfigRole]",
            reason="Config has to describe every type it records; AWS extends this policy with each new type",
        )
        acknowledge(
            self.role,
            f"AwsSolutions-IAM5[Resource::{bucket.arn_for_objects(prefix)}]",
            reason="The objects' names below the account's prefix are Config's choice",
        )
        self.recorder = config.CfnConfigurationRecorder(
            self,
            "Recorder",
            role_arn=self.role.role_arn,
            recording_group=config.CfnConfigurationRecorder.RecordingGroupProperty(
                all_supported=True, include_global_resource_types=record_global_types
            ),
        )
        self.channel = config.CfnDeliveryChannel(self, "Channel", s3_bucket_name=bucket.bucket_name)
        self.channel.node.add_dependency(self.role)
