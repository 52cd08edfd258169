"""Peering: what joins a region's network to those of the other regions."""

from constructs import Construct
from constructs.networking.transit_gateway import TransitGatewayPeeringAnswer, TransitGatewayPeeringRequest
from constructs.networking.vpc_peering import PeeringAnswer, PeeringRequest
from constructs.shared.published_value import publish, published_here, published_in

from configuration import Region
from configuration.names import Stacks
from configuration.network import JOINED_TIERS
from stacks.networking import (
    PEERING_ACCEPTANCE,
    TRANSIT_GATEWAY_ID,
    TRANSIT_GATEWAY_ROUTE_TABLE_ID,
    VPC_ID,
    route_table_key,
)
from stacks.tap_stack import TapStack, TapStackProps


class PeeringStack(TapStack):
    """A link to every other region, so that together these stacks make a full mesh.

    Of two regions the one that stands first in the environment file asks for the link, and the other answers, so
    no two stacks wait for each other. Everything comes by names: the networks have to be deployed before, and
    the stacks of regions that stand earlier in the file.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.PEERING, props=props, description="The private network between the regions")
        self._network = props.names.stack(Stacks.NETWORKING, self.region)
        peering = props.environment.network.between_regions == "vpc-peering"
        ask, answer = (
            (self._ask_for_peering, self._answer_peering)
            if peering
            else (self._ask_for_attachment, self._answer_attachment)
        )
        position = props.environment.regions.index(props.region)
        for other in props.environment.regions[:position]:
            answer(other)
        for other in props.environment.regions[position + 1 :]:
            publish(self, _link_key(other), ask(other))

    def _ask_for_peering(self, other: Region) -> str:
        request = PeeringRequest(
            self,
            f"To-{other.name}",
            vpc=published_here(self._network, VPC_ID),
            route_tables=self._route_tables(),
            peer_region=other.name,
            peer_vpc=published_in(other.name, self._network_in(other), VPC_ID),
            peer_cidr=str(other.cidr),
            name=self._link_name(other),
        )
        return request.connection_id

    def _answer_peering(self, other: Region) -> None:
        PeeringAnswer(
            self,
            f"To-{other.name}",
            route_tables=self._route_tables(),
            peer_cidr=str(other.cidr),
            connection_id=self._link_asked_for_in(other),
        )

    def _ask_for_attachment(self, other: Region) -> str:
        request = TransitGatewayPeeringRequest(
            self,
            f"To-{other.name}",
            gateway=published_here(self._network, TRANSIT_GATEWAY_ID),
            route_table=published_here(self._network, TRANSIT_GATEWAY_ROUTE_TABLE_ID),
            peer_region=other.name,
            peer_gateway=published_in(other.name, self._network_in(other), TRANSIT_GATEWAY_ID),
            peer_cidr=str(other.cidr),
            acceptance_token=published_here(self._network, PEERING_ACCEPTANCE),
            name=self._link_name(other),
        )
        return request.attachment_id

    def _answer_attachment(self, other: Region) -> None:
        TransitGatewayPeeringAnswer(
            self,
            f"To-{other.name}",
            route_table=published_here(self._network, TRANSIT_GATEWAY_ROUTE_TABLE_ID),
            attachment_id=self._link_asked_for_in(other),
            peer_cidr=str(other.cidr),
        )

    def _route_tables(self) -> list[str]:
        zones = range(len(self.props.region.zone_names))
        return [published_here(self._network, route_table_key(tier, zone)) for tier in JOINED_TIERS for zone in zones]

    def _network_in(self, other: Region) -> str:
        return self.props.names.stack(Stacks.NETWORKING, other.name)

    def _link_asked_for_in(self, other: Region) -> str:
        stack_name = self.props.names.stack(Stacks.PEERING, other.name)
        return published_in(other.name, stack_name, _link_key(self.props.region))

    def _link_name(self, other: Region) -> str:
        return self.props.names.resource(f"{self.region}-{other.name}")


def _link_key(region: Region) -> str:
    """The key under which the asking side publishes its link; output keys are letters and digits."""
    return "LinkTo" + "".join(part.capitalize() for part in region.name.split("-"))
