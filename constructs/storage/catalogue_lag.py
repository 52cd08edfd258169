"""How far the other regions' replicas of the catalogue lag behind."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity


class CatalogueLag(Construct):
    """An alarm for each region in ``receiving`` that gets this region's items later than after ``seconds``.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html#ReplicationLatency
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table_name: str,
        receiving: Sequence[str],
        seconds: int,
        alarm_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarms = [
            PlatformAlarm(
                self,
                region,
                severity=Severity.WARNING,
                meaning=(
                    f"Items of the catalogue take more than {seconds} seconds from here to {region}; "
                    "they would be lost with this region"
                ),
                runbook="replication",
                topic=alarm_topic,
                # Without writes there is no measurement, and alarms on DynamoDB's own metrics ignore missing data
                # whatever they say: without the zeros the alarm would last until somebody writes again.
                metric=cloudwatch.MathExpression(
                    expression="FILL(lag, 0)",
                    using_metrics={
                        "lag": cloudwatch.Metric(
                            namespace="AWS/DynamoDB",
                            metric_name="ReplicationLatency",
                            dimensions_map={"TableName": table_name, "ReceivingRegion": region},
                            statistic="Average",
                        )
                    },
                    period=cdk.Duration.minutes(1),
                    label="Lag in milliseconds",
                ),
                threshold=seconds * 1000,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for region in receiving
        ]
