"""What can be wrong with a region's database instance."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_NAMESPACE = "AWS/RDS"
_GIB = 1024**3
_MIB = 1024**2


class DatabaseAlarms(Construct):
    """Storage, CPU, memory and speed of the instance ``identifier``, and whether it is there at all.

    How far a copy lags behind is watched where the copy is made.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, identifier: str, free_storage_gib: int, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        PlatformAlarm(
            self,
            "FreeStorage",
            meaning=f"The database has less than {free_storage_gib} GiB of free storage; without any it stops.",
            metric=metric(
                _NAMESPACE, "FreeStorageSpace", {"DBInstanceIdentifier": identifier}, statistic="Minimum", minutes=5
            ),
            threshold=free_storage_gib * _GIB,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=2,
            # That the instance does not report is an alarm of its own, below.
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=Severity.CRITICAL,
            runbook="database-resources",
            topic=topic,
        )
        PlatformAlarm(
            self,
            "Silent",
            meaning="The database instance has reported nothing for ten minutes: it is down or cannot be reached.",
            metric=metric(_NAMESPACE, "DatabaseConnections", {"DBInstanceIdentifier": identifier}, statistic="Maximum"),
            # No instance has fewer connections than none: it is the silence that counts.
            threshold=0,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=10,
            missing_data=cloudwatch.TreatMissingData.BREACHING,
            severity=Severity.CRITICAL,
            runbook="database-silent",
            topic=topic,
        )
        PlatformAlarm(
            self,
            "Cpu",
            meaning="The database has used more than 90 % of its CPU for fifteen minutes: queries slow down.",
            metric=metric(
                _NAMESPACE, "CPUUtilization", {"DBInstanceIdentifier": identifier}, statistic="Average", minutes=5
            ),
            threshold=90,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=Severity.WARNING,
            runbook="database-resources",
            topic=topic,
        )
        PlatformAlarm(
            self,
            "Memory",
            meaning="The database has less than 64 MiB of memory to spare: it will swap and slow down.",
            metric=metric(
                _NAMESPACE, "FreeableMemory", {"DBInstanceIdentifier": identifier}, statistic="Average", minutes=5
            ),
            threshold=64 * _MIB,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=3,
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=Severity.WARNING,
            runbook="database-resources",
            topic=topic,
        )
        PlatformAlarm(
            self,
            "WriteLatency",
            meaning="Writing to the database's storage has taken more than a tenth of a second for fifteen minutes.",
            metric=metric(
                _NAMESPACE, "WriteLatency", {"DBInstanceIdentifier": identifier}, statistic="Average", minutes=5
            ),
            threshold=0.1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=3,
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=Severity.WARNING,
            runbook="database-resources",
            topic=topic,
        )
