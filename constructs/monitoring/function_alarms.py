"""What can be wrong with any function."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_NAMESPACE = "AWS/Lambda"


class FunctionAlarms(Construct):
    """Errors, throttles and a run time that comes near the limit, of the function called ``function_name``.

    ``who`` names it for people. ``timeout_seconds`` None leaves the run time alone, where it is not known.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function_name: str,
        who: str,
        timeout_seconds: float | None,
        topic: sns.ITopic,
        runbook: str = "function-errors",
    ) -> None:
        super().__init__(scope, construct_id)
        PlatformAlarm(
            self,
            "Errors",
            meaning=f"{who} fails again and again.",
            metric=metric(_NAMESPACE, "Errors", {"FunctionName": function_name}, statistic="Sum", minutes=5),
            threshold=1,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            # Nothing is published while the function is not called.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.WARNING,
            runbook=runbook,
            topic=topic,
        )
        PlatformAlarm(
            self,
            "Throttles",
            meaning=f"{who} is refused because too many functions of the account run at once; its work waits.",
            metric=metric(_NAMESPACE, "Throttles", {"FunctionName": function_name}, statistic="Sum", minutes=5),
            threshold=1,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.WARNING,
            runbook="function-throttles",
            topic=topic,
        )
        if timeout_seconds is not None:
            PlatformAlarm(
                self,
                "Slow",
                meaning=f"{who} takes more than nine tenths of the {timeout_seconds:g} seconds it may take.",
                metric=metric(_NAMESPACE, "Duration", {"FunctionName": function_name}, statistic="Maximum", minutes=5),
                threshold=900 * timeout_seconds,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                severity=Severity.WARNING,
                runbook="function-errors",
                topic=topic,
            )
