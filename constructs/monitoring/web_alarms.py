"""What can be wrong with a region's answers to its clients."""

from collections.abc import Mapping

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.monitoring.objectives import failed_percent
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_NAMESPACE = "AWS/ApplicationELB"
_FAILED_PERCENT = 5
_FEWEST_REQUESTS = 20
_RENEWED_BEFORE_DAYS = 30


class WebAlarms(Construct):
    """Errors, latency, targets in every zone, and the certificate of the load balancer.

    ``targets`` are the target groups by a name for people, those alone that get requests. ``zones`` are the
    names of the load balancer's zones. ``slow_seconds`` is the latency of the slowest of a hundred requests
    above which somebody is told.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        load_balancer: elb.ApplicationLoadBalancer,
        targets: Mapping[str, elb.ApplicationTargetGroup],
        zones: tuple[str, ...],
        certificate: acm.ICertificate,
        slow_seconds: float,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        self._load_balancer = load_balancer.load_balancer_full_name
        self._errors()
        self._latency(slow_seconds)
        self._saturation()
        for name, group in targets.items():
            self._targets(name, group, zones)
        self._certificate(certificate)

    def _errors(self) -> None:
        PlatformAlarm(
            self,
            "Errors",
            meaning=f"More than {_FAILED_PERCENT} % of the requests to this region fail: clients see errors.",
            metric=failed_percent(self._load_balancer, minutes=1, at_least=_FEWEST_REQUESTS),
            threshold=_FAILED_PERCENT,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            # Nobody asks, so nobody sees an error; whether it would answer is the canary's business.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.CRITICAL,
            runbook="web-errors",
            topic=self._topic,
        )

    def _latency(self, slow_seconds: float) -> None:
        PlatformAlarm(
            self,
            "Latency",
            meaning=f"The slowest of a hundred requests take more than {slow_seconds:g} seconds: clients wait.",
            metric=metric(_NAMESPACE, "TargetResponseTime", {"LoadBalancer": self._load_balancer}, statistic="p99"),
            threshold=slow_seconds,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=10,
            datapoints_to_alarm=7,
            # Nobody asks, so nobody waits.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.WARNING,
            runbook="web-latency",
            topic=self._topic,
        )

    def _saturation(self) -> None:
        PlatformAlarm(
            self,
            "RejectedConnections",
            meaning="The load balancer rejects connections because it has reached its limit: clients are turned away.",
            metric=self._sum("RejectedConnectionCount"),
            threshold=1,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            # Published only when there were any.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.CRITICAL,
            runbook="web-errors",
            topic=self._topic,
        )

    def _targets(self, name: str, group: elb.ApplicationTargetGroup, zones: tuple[str, ...]) -> None:
        group_name = group.target_group_full_name
        PlatformAlarm(
            self,
            f"No{name}",
            meaning=f"None of the {name.lower()} is healthy: their share of the requests is answered by nobody.",
            metric=metric(
                _NAMESPACE,
                "HealthyHostCount",
                {"LoadBalancer": self._load_balancer, "TargetGroup": group_name},
                # In the best zone of the minute: with 0 there, no zone has a healthy one.
                statistic="Maximum",
            ),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            # Published while there is a registered target; without one there is nobody to answer either.
            missing_data=cloudwatch.TreatMissingData.BREACHING,
            severity=Severity.CRITICAL,
            runbook="unhealthy-targets",
            topic=self._topic,
        )
        for zone in zones:
            PlatformAlarm(
                self,
                f"Unhealthy{name}-{zone[-1]}",
                meaning=f"Some of the {name.lower()} in zone {zone} have been unhealthy for five minutes.",
                metric=metric(
                    _NAMESPACE,
                    "UnHealthyHostCount",
                    {"AvailabilityZone": zone, "LoadBalancer": self._load_balancer, "TargetGroup": group_name},
                    statistic="Minimum",
                ),
                threshold=1,
                evaluation_periods=5,
                # A zone without a target of this group has no count.
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                severity=Severity.WARNING,
                runbook="unhealthy-targets",
                topic=self._topic,
            )

    def _certificate(self, certificate: acm.ICertificate) -> None:
        PlatformAlarm(
            self,
            "Certificate",
            meaning=(
                f"The certificate expires in less than {_RENEWED_BEFORE_DAYS} days and ACM, which renews it 60 days "
                "before, has not: clients will be refused."
            ),
            metric=metric(
                "AWS/CertificateManager",
                "DaysToExpiry",
                {"CertificateArn": certificate.certificate_arn},
                statistic="Minimum",
                minutes=24 * 60,
            ),
            threshold=_RENEWED_BEFORE_DAYS,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            # ACM stops to publish when the certificate has expired: the alarm then stays what it was.
            missing_data=cloudwatch.TreatMissingData.IGNORE,
            # A month is left, and a person can still do what ACM did not.
            severity=Severity.WARNING,
            runbook="certificate-expiry",
            topic=self._topic,
        )

    def _sum(self, name: str) -> cloudwatch.Metric:
        return metric(_NAMESPACE, name, {"LoadBalancer": self._load_balancer}, statistic="Sum")
