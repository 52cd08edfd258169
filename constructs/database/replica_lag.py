"""How far a copy lags behind the instance it follows."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_rds as rds
from aws_cdk import aws_sns as sns
from constructs import Construct


class ReplicaLagAlarm(cloudwatch.Alarm):
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
        alert_topic: sns.ITopic,
    ) -> None:
        lag = copy.metric("ReplicaLag", statistic="Maximum", period=cdk.Duration.minutes(1))
        super().__init__(
            scope,
            construct_id,
            alarm_description=(
                f"The region's copy of the database lags behind for more than {seconds} seconds or does not "
                "replicate: what is written meanwhile would be lost with the other region. "
                "Runbook: docs/runbooks/promote-database.md"
            ),
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
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
        )
        self.add_alarm_action(actions.SnsAction(alert_topic))
