"""How far a copy lags behind the instance it follows."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity


class ReplicaLagAlarm(PlatformAlarm):
    """Sounds when a copy lags behind for more than ``seconds``, or does not replicate at all.

    RDS reports -1 for a copy that does not replicate.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        copy: rds.IDatabaseInstance,
        seconds: int,
        alarm_topic: sns.ITopic,
    ) -> None:
        lag = copy.metric("ReplicaLag", statistic="Maximum", period=cdk.Duration.minutes(1))
        super().__init__(
            scope,
            construct_id,
            severity=Severity.CRITICAL,
            meaning=(
                f"The region's copy of the database lags behind for more than {seconds} seconds or does not "
                "replicate: what is written meanwhile would be lost with the other region"
            ),
            runbook="database-replica-lag",
            topic=alarm_topic,
            metric=cloudwatch.MathExpression(
                expression=f"IF(lag < 0, {2 * seconds}, lag)",
                using_metrics={"lag": lag},
                label="Lag in seconds",
                period=cdk.Duration.minutes(1),
            ),
            threshold=seconds,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            # RDS reports the lag every minute while the instance runs.
            missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
