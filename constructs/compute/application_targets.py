"""Those to whom the load balancer hands requests."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct

DRAIN = cdk.Duration.seconds(30)
"""How long a target that leaves may finish its requests before it is told to stop."""


class ApplicationTargets(elb.ApplicationTargetGroup):
    """Targets that speak HTTPS on ``port``; one that fails its health check thrice in a row gets no more requests.

    The load balancer encrypts to the target and does not validate its certificate, so any will do:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        target_type: elb.TargetType,
        port: int,
        health_path: str,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            vpc=vpc,
            target_type=target_type,
            port=port,
            protocol=elb.ApplicationProtocol.HTTPS,
            protocol_version=elb.ApplicationProtocolVersion.HTTP1,
            deregistration_delay=DRAIN,
            load_balancing_algorithm_type=elb.TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
            health_check=elb.HealthCheck(
                protocol=elb.Protocol.HTTPS,
                path=health_path,
                healthy_http_codes="200",
                interval=cdk.Duration.seconds(10),
                timeout=cdk.Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
