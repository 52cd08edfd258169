"""Alarms on what Route 53 thinks of a region."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.routing.region_checks import RegionChecks
from constructs.shared.platform_alarm import PlatformAlarm, Severity


class RoutingAlarms(Construct):
    """Tells when a region does not answer, when its dependencies fail, and while an operator keeps it out of service.

    The metrics of health checks exist in one region only, wherever what they check stands; so must the alarms and
    ``topic``: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, region: str, checks: RegionChecks, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        self._alarm(
            "Unreachable",
            checks.shallow,
            Severity.CRITICAL,
            meaning=f"Route 53's health checkers get no answer from {region}; its clients are sent to other regions.",
            runbook="region-unreachable",
        )
        if checks.deep:
            self._alarm(
                "DependenciesFail",
                checks.deep,
                Severity.CRITICAL,
                meaning=f"The application in {region} answers, but something it depends on does not.",
                runbook="region-dependencies-fail",
            )
        if checks.switch:
            self._alarm(
                "TakenOut",
                checks.switch,
                Severity.WARNING,
                meaning=f"An operator has taken {region} out of service; its clients are sent to other regions.",
                runbook="region-switch",
            )

    def _alarm(
        self, construct_id: str, check: route53.IHealthCheck, severity: Severity, *, meaning: str, runbook: str
    ) -> None:
        PlatformAlarm(
            self,
            construct_id,
            # 1 while the check passes, 0 while it fails.
            metric=cloudwatch.Metric(
                namespace="AWS/Route53",
                metric_name="HealthCheckStatus",
                dimensions_map={"HealthCheckId": check.health_check_id},
                statistic="Minimum",
                period=cdk.Duration.minutes(1),
            ),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            # A check reports all the time; its silence says nothing about the region.
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=severity,
            meaning=meaning,
            runbook=runbook,
            topic=self._topic,
        )
