"""What can be wrong with a region's way out to the internet."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_NAMESPACE = "AWS/NATGateway"


class NetworkAlarms(Construct):
    """Ports and packets of every NAT gateway in ``vpc``.

    https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, topic: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        gateways = [found for found in vpc.node.find_all() if isinstance(found, ec2.CfnNatGateway)]
        for number, gateway in enumerate(gateways, start=1):
            PlatformAlarm(
                self,
                f"Ports{number}",
                meaning="A NAT gateway has no ports left: new connections to the internet from its zone fail.",
                metric=metric(_NAMESPACE, "ErrorPortAllocation", {"NatGatewayId": gateway.ref}, statistic="Sum"),
                threshold=1,
                evaluation_periods=5,
                datapoints_to_alarm=3,
                # Published every minute, with 0 when all is well; a gateway that is gone is no exhausted one.
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                severity=Severity.CRITICAL,
                runbook="nat-gateway",
                topic=topic,
            )
            PlatformAlarm(
                self,
                f"DroppedPackets{number}",
                meaning="A NAT gateway drops packets: connections to the internet from its zone stall.",
                metric=metric(
                    _NAMESPACE, "PacketsDropCount", {"NatGatewayId": gateway.ref}, statistic="Sum", minutes=5
                ),
                # Single packets get lost in any network.
                threshold=100,
                evaluation_periods=3,
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                severity=Severity.WARNING,
                runbook="nat-gateway",
                topic=topic,
            )
