"""Buckets that hold the company's data."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class DataBucket(s3.Bucket):
    """A versioned, encrypted, private bucket whose accesses are logged and whose objects age.

    ``replication_failures`` is the queue that hears of every object that does not reach the partner region in
    time; its policy must admit the bucket beforehand. With ``sends_events`` the bucket tells the region's
    default event bus of its objects.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        key: kms.IKey,
        access_logs: s3.IBucket,
        lifecycle_rules: list[s3.LifecycleRule],
        removal_policy: cdk.RemovalPolicy,
        replication_failures: sqs.IQueue | None = None,
        sends_events: bool = False,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"s3/{bucket_name}/",
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy == cdk.RemovalPolicy.DESTROY,
            lifecycle_rules=lifecycle_rules,
        )
        # Natively: CDK's own switches would add a custom resource for what CloudFormation can say.
        cast("s3.CfnBucket", self.node.default_child).notification_configuration = _notifications(
            replication_failures, sends_events=sends_events
        )
        if replication_failures is not None:
            # S3 tries the queue when the bucket is created, so the queue's policy has to be there.
            self.node.add_dependency(replication_failures)


def _notifications(
    failures: sqs.IQueue | None, *, sends_events: bool
) -> s3.CfnBucket.NotificationConfigurationProperty | None:
    """Replication's failures are told to queues, topics and functions only, never to an event bus.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-metrics-events.html
    """
    if failures is None and not sends_events:
        return None
    queues = [
        s3.CfnBucket.QueueConfigurationProperty(event=f"s3:Replication:{event}", queue=failures.queue_arn)
        for event in ("OperationFailedReplication", "OperationMissedThreshold", "OperationNotTracked")
        if failures is not None
    ]
    return s3.CfnBucket.NotificationConfigurationProperty(
        queue_configurations=queues or None,
        event_bridge_configuration=(
            s3.CfnBucket.EventBridgeConfigurationProperty(event_bridge_enabled=True) if sends_events else None
        ),
    )
