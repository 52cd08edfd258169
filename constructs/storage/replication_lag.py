"""How far the partner region's copies lag behind."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity
from constructs.storage.replicated_bucket import ReplicatedBucket


class ReplicationLag(Construct):
    """An alarm for each of ``buckets`` that has objects waiting for their replication longer than ``minutes``.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html#s3-cloudwatch-replication-metrics
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Sequence[ReplicatedBucket],
        rule: str,
        minutes: int,
        alarm_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarms = [
            PlatformAlarm(
                self,
                bucket.construct_id,
                severity=Severity.WARNING,
                meaning=(
                    f"Objects of {bucket.source} wait for their replication for more than {minutes} minutes; "
                    "they would be lost with the region"
                ),
                runbook="replication",
                topic=alarm_topic,
                metric=cloudwatch.Metric(
                    namespace="AWS/S3",
                    metric_name="ReplicationLatency",
                    dimensions_map={
                        "SourceBucket": bucket.source,
                        "DestinationBucket": bucket.destination,
                        "RuleId": rule,
                    },
                    statistic="Maximum",
                    period=cdk.Duration.minutes(1),
                ),
                threshold=minutes * 60,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=3,
                # Without objects to replicate there is no measurement.
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for bucket in buckets
        ]
