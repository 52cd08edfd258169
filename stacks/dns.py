"""DNS: the names of a region, public and internal."""

from aws_cdk import aws_route53_targets as targets
from constructs import Construct
from constructs.dns.address_records import AddressRecords
from constructs.dns.internal_names import InternalNames
from constructs.dns.public_zone import public_zone
from constructs.shared.published_value import published_in

from configuration import Region
from configuration.names import Stacks
from stacks.compute import ComputeStack
from stacks.database import ENDPOINT
from stacks.networking import NetworkingStack
from stacks.tap_stack import TapStack, TapStackProps


class DnsStack(TapStack):
    """The name of the region's application, and the private zone in which the region's services find one another.

    The certificate for the public names stands in the compute stack, with the listener that waits for it.
    Databases come by their stacks' outputs: an imported value would hold on to an instance that is to be rebuilt.
    """

    def __init__(
        self, scope: Construct, *, props: TapStackProps, networking: NetworkingStack, compute: ComputeStack
    ) -> None:
        super().__init__(scope, Stacks.DNS, props=props, description="Names of the region")
        environment, domain = props.environment, props.environment.domain
        self.application = AddressRecords(
            self,
            "Application",
            zone=public_zone(self, "Zone", domain=domain, names=props.names),
            name=domain.application_in(props.region),
            target=targets.LoadBalancerTarget(compute.load_balancer),
            evaluate_target_health=True,
        )
        self.internal = InternalNames(
            self,
            "Internal",
            vpc=networking.vpc,
            zone_name=domain.internal_in(props.region),
            names={
                domain.database_writer_in(props.region): self._database_in(environment.database_writer),
                domain.database_reader_in(props.region): self._database_in(props.region),
            },
        )

    def _database_in(self, region: Region) -> str:
        return published_in(region.name, self.props.names.stack(Stacks.DATABASE, region.name), ENDPOINT)
