"""The rules by which S3 replicates a region's buckets to its partner."""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import custom_resources as cr
from constructs import Construct
from constructs.shared.platform_log_group import PlatformLogGroup
from constructs.storage.replicated_bucket import ReplicatedBucket

from configuration.partition import PARTITION

RULE = "ToPartner"
"""The rule's id, by which its metrics are found."""

_WITHIN = {"Status": "Enabled", "Time": {"Minutes": 15}}
_ENABLED = {"Status": "Enabled"}


class BucketReplication(Construct):
    """Puts a replication rule on each of ``buckets``: every object, its deletion and later changes of its metadata,
    within the 15 minutes of S3's Replication Time Control, encrypted with the destination's key.

    A custom resource, because both buckets of a pair have to exist before either can have its rule, and in
    CloudFormation a rule is a property of its bucket. ``destination_key`` is the ARN of the alias of a key in the
    destinations' region.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Sequence[ReplicatedBucket],
        destination_key: str,
        role: iam.IRole,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._logs = PlatformLogGroup(
            self, "Logs", key=logs_key, retention_days=log_retention_days, removal_policy=removal_policy
        )
        self._role = self._writer([bucket.source for bucket in buckets], role)
        for bucket in buckets:
            self._rule(bucket.construct_id, bucket.source, _configuration(bucket.destination, destination_key, role))

    def _writer(self, buckets: list[str], replication_role: iam.IRole) -> iam.Role:
        writer = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Writes the replication rules of the region's buckets",
        )
        writer.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:PutReplicationConfiguration"],
                resources=[f"arn:{PARTITION}:s3:::{bucket}" for bucket in buckets],
            )
        )
        writer.add_to_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                resources=[replication_role.role_arn],
                conditions={"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}},
            )
        )
        self._logs.grant_write(writer)
        return writer

    def _rule(self, construct_id: str, bucket: str, configuration: dict[str, Any]) -> None:
        put = cr.AwsSdkCall(
            service="S3",
            action="putBucketReplication",
            parameters={"Bucket": bucket, "ReplicationConfiguration": configuration},
            physical_resource_id=cr.PhysicalResourceId.of(bucket),
            output_paths=[],
        )
        resource = cr.AwsCustomResource(
            self,
            construct_id,
            resource_type="Custom::BucketReplication",
            on_create=put,
            on_update=put,
            on_delete=cr.AwsSdkCall(
                service="S3", action="deleteBucketReplication", parameters={"Bucket": bucket}, output_paths=[]
            ),
            role=self._role,
            log_group=self._logs,
            install_latest_aws_sdk=False,
            timeout=cdk.Duration.minutes(2),
        )
        resource.node.add_dependency(self._role)


def _configuration(destination: str, destination_key: str, role: iam.IRole) -> dict[str, Any]:
    return {
        "Role": role.role_arn,
        "Rules": [
            {
                "ID": RULE,
                "Priority": 1,
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "DeleteMarkerReplication": _ENABLED,
                "SourceSelectionCriteria": {"SseKmsEncryptedObjects": _ENABLED, "ReplicaModifications": _ENABLED},
                "Destination": {
                    "Bucket": f"arn:{PARTITION}:s3:::{destination}",
                    "EncryptionConfiguration": {"ReplicaKmsKeyID": destination_key},
                    "ReplicationTime": _WITHIN,
                    "Metrics": {"Status": "Enabled", "EventThreshold": {"Minutes": 15}},
                },
            }
        ],
    }
