"""Asks the application from outside, as its clients do."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity
from constructs.shared.python_function import PythonFunction

_TIMEOUT_SECONDS = 5
_PACKAGE = "probe_application"


class Canary(Construct):
    """A function outside the network that asks two names every minute, and an alarm for each.

    ``public_url`` is answered by any healthy region, ``regional_url`` by this one alone. A function and not
    CloudWatch Synthetics, which would cost a hundred times as much for the same two questions.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        public_url: str,
        regional_url: str,
        namespace: str,
        environment_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace, self._topic = namespace, topic
        self.function = PythonFunction(
            self,
            "Function",
            package=_PACKAGE,
            description="Asks the application from outside",
            environment={
                "PUBLIC_URL": public_url,
                "REGIONAL_URL": regional_url,
                "TIMEOUT_SECONDS": str(_TIMEOUT_SECONDS),
                "POWERTOOLS_SERVICE_NAME": _PACKAGE,
                "POWERTOOLS_METRICS_NAMESPACE": namespace,
                "LOG_LEVEL": "INFO",
            },
            environment_key=environment_key,
            logs_key=logs_key,
            log_retention_days=log_retention_days,
            removal_policy=removal_policy,
            timeout=cdk.Duration.seconds(4 * _TIMEOUT_SECONDS),
        )
        events.Rule(
            self,
            "EveryMinute",
            description="Asks the application from outside",
            schedule=events.Schedule.rate(cdk.Duration.minutes(1)),
            # A question that was not asked is not asked later: the next one is due.
            targets=[targets.LambdaFunction(self.function, retry_attempts=0, max_event_age=cdk.Duration.minutes(1))],
        )
        self.public = self._alarm("Public", public_url, runbook="public-name")
        self.regional = self._alarm("Regional", regional_url, runbook="region-sick")

    def _alarm(self, target: str, url: str, *, runbook: str) -> PlatformAlarm:
        return PlatformAlarm(
            self,
            target,
            meaning=f"The application does not answer well at {url} when asked from outside: clients cannot use it.",
            metric=canary_metric(self._namespace, "Available", target.lower()),
            threshold=100,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            # The canary itself is down: then nobody knows, and that is a fault.
            missing_data=cloudwatch.TreatMissingData.BREACHING,
            severity=Severity.CRITICAL,
            runbook=runbook,
            topic=self._topic,
        )


def canary_metric(namespace: str, name: str, target: str) -> cloudwatch.Metric:
    """What the canary publishes of ``target``, ``public`` or ``regional``: ``Available`` in percent or ``Latency``.

    Powertools adds the dimension ``service`` to every metric: an alarm without it would read a series that is empty.
    """
    return metric(namespace, name, {"Target": target, "service": _PACKAGE}, statistic="Average")
