"""The door of a region: what clients reach over TLS."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_s3 as s3
from constructs import Construct


class PublicLoadBalancer(Construct):
    """A load balancer that speaks TLS 1.2 and 1.3, redirects HTTP, drops malformed headers and logs every access.

    Who may reach it is said by ``security_groups`` alone. ``access_logs`` has to be encrypted with S3's own
    keys and to stand in the same region: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        security_groups: Sequence[ec2.ISecurityGroup],
        certificate: acm.ICertificate,
        access_logs: s3.IBucket,
        deletion_protection: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._certificate = certificate
        self.load_balancer = elb.ApplicationLoadBalancer(
            self,
            "LoadBalancer",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PUBLIC),
            internet_facing=True,
            security_group=security_groups[0],
            drop_invalid_header_fields=True,
            desync_mitigation_mode=elb.DesyncMitigationMode.DEFENSIVE,
            idle_timeout=cdk.Duration.seconds(60),
            deletion_protection=deletion_protection,
        )
        for further in security_groups[1:]:
            self.load_balancer.add_security_group(further)
        self.load_balancer.log_access_logs(access_logs, "load-balancer/access")
        self.load_balancer.log_connection_logs(access_logs, "load-balancer/connections")
        self.load_balancer.add_redirect(open=False)

    def serve(self, shares: Mapping[elb.ApplicationTargetGroup, int]) -> elb.ApplicationListener:
        """Listen for HTTPS and divide the requests between target groups by their weights."""
        return self.load_balancer.add_listener(
            "Https",
            port=443,
            protocol=elb.ApplicationProtocol.HTTPS,
            certificates=[self._certificate],
            # By name and not "recommended", whose meaning changes: TLS 1.2 and 1.3 with forward secrecy.
            ssl_policy=elb.SslPolicy.TLS13_RES,
            open=False,
            default_action=elb.ListenerAction.weighted_forward(
                [
                    elb.WeightedTargetGroup(target_group=target_group, weight=weight)
                    for target_group, weight in shares.items()
                ]
            ),
        )
