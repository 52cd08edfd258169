"""DNS: the names of a region."""

from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration.names import Stacks
from stacks.networking import NetworkingStack
from stacks.tap_stack import TapStack, TapStackProps


class DnsStack(TapStack):
    """The private zone in which the region's services find one another."""

    def __init__(self, scope: Construct, *, props: TapStackProps, networking: NetworkingStack) -> None:
        super().__init__(scope, Stacks.DNS, props=props, description="Names of the region")
        self.private_zone = route53.PrivateHostedZone(
            self,
            "PrivateZone",
            zone_name=f"internal.{props.region.name}.{props.environment.domain.name}",
            vpc=networking.vpc,
        )
