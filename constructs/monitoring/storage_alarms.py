"""What can be wrong with a region's buckets and with its copy of the catalogue."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import math, metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_GIB = 1024**3


class StorageAlarms(Construct):
    """The size of ``buckets``, given as names by a name for people, and requests that the table refuses.

    Replication is watched where its rules are made.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        buckets: Mapping[str, str],
        size_gib: int,
        table_name: str,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        for name, bucket in buckets.items():
            PlatformAlarm(
                self,
                f"Size{name}",
                meaning=f"The bucket {bucket} holds more than {size_gib} GiB: more than anybody planned to pay for.",
                # S3 publishes it once a day. https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html
                metric=metric(
                    "AWS/S3",
                    "BucketSizeBytes",
                    {"BucketName": bucket, "StorageType": "StandardStorage"},
                    statistic="Average",
                    minutes=24 * 60,
                ),
                threshold=size_gib * _GIB,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=1,
                # The day's value comes late; an empty bucket has none at all.
                missing_data=cloudwatch.TreatMissingData.IGNORE,
                severity=Severity.WARNING,
                runbook="bucket-size",
                topic=topic,
            )
        for what in ("Read", "Write"):
            PlatformAlarm(
                self,
                f"Catalogue{what}Throttles",
                meaning=f"DynamoDB refuses {what.lower()}s of the catalogue because there are too many at once.",
                # Published only when there are any, and alarms on DynamoDB's own metrics ignore missing data
                # whatever they say: without the zeros the alarm would never end.
                metric=math(
                    "FILL(throttles, 0)",
                    minutes=5,
                    label="Refused requests",
                    throttles=metric(
                        "AWS/DynamoDB", f"{what}ThrottleEvents", {"TableName": table_name}, statistic="Sum", minutes=5
                    ),
                ),
                threshold=1,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                severity=Severity.WARNING,
                runbook="catalogue-throttles",
                topic=topic,
            )
