"""Networking: the VPC of a region, and who may talk to whom in it."""

from collections.abc import Mapping, Sequence

from constructs import Construct
from constructs.networking.flow_log import NetworkFlowLog
from constructs.networking.peering_acceptance import PeeringAcceptance
from constructs.networking.prefix_lists import ServicePrefixLists
from constructs.networking.regional_network import RegionalNetwork
from constructs.networking.security_groups import Addresses, SecurityGroups
from constructs.networking.service_endpoint import ServiceEndpoint
from constructs.networking.transit_gateway import RegionalTransitGateway
from constructs.shared.published_value import publish

from configuration.names import Stacks
from configuration.network import JOINED_TIERS, Tier, subnet_ranges
from configuration.security_matrix import Outside, endpoints, flows, needs_of
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps

ANYWHERE = "0.0.0.0/0"
# The keys of what the stack publishes for the stacks that join the regions.
VPC_ID = "VpcId"
TRANSIT_GATEWAY_ID = "TransitGatewayId"
TRANSIT_GATEWAY_ROUTE_TABLE_ID = "TransitGatewayRouteTableId"
PEERING_ACCEPTANCE = "PeeringAcceptanceToken"
# RFC 6996: the numbers that are free for private use begin here.
_FIRST_PRIVATE_ASN = 64512


def route_table_key(tier: Tier, zone: int) -> str:
    """The key of a tier's route table in one of the region's zones, counted from 0."""
    return f"{tier}RouteTable{zone}"


class NetworkingStack(TapStack):
    """The network every workload of the region lives in."""

    def __init__(self, scope: Construct, *, props: TapStackProps, security: SecurityStack) -> None:
        super().__init__(scope, Stacks.NETWORKING, props=props, description="VPC, subnets, endpoints")
        network = props.environment.network
        needs = needs_of(props.environment, props.region)

        self.network = RegionalNetwork(self, "Network", region=props.region, nat_gateways=network.nat_gateways)
        self.vpc = self.network.vpc
        self.flow_log = NetworkFlowLog(
            self,
            "FlowLog",
            vpc=self.vpc,
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.prefix_lists = ServicePrefixLists(
            self,
            "PrefixLists",
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.security_groups = SecurityGroups(
            self,
            "SecurityGroups",
            vpc=self.vpc,
            flows=flows(needs),
            endpoints=endpoints(needs),
            addresses=self._addresses(),
            name_prefix=props.names.prefix,
        )
        # Also where nothing rotates: an export that went with the rotation could not go while it is in use.
        self.export_value(self.security_groups.rotation.security_group_id)
        for endpoint in endpoints(needs):
            ServiceEndpoint(
                self,
                f"{endpoint.name}Endpoint",
                vpc=self.vpc,
                endpoint=endpoint,
                security_group=self.security_groups.endpoints[endpoint.name],
            )
        self._publish_network()
        if props.environment.is_joined and network.between_regions == "transit-gateway":
            self._transit_gateway(security)

    def _addresses(self) -> Mapping[Outside, Sequence[Addresses]]:
        return {
            Outside.CLIENTS: [Addresses(cidr=str(range_)) for range_ in self.props.environment.allowed_cidr],
            Outside.HEALTH_CHECKERS: [Addresses(prefix_list_id=self.prefix_lists.health_checkers)],
            Outside.INTERNET: [Addresses(cidr=ANYWHERE)],
            Outside.OBJECTS: [Addresses(prefix_list_id=self.prefix_lists.s3)],
            Outside.TABLES: [Addresses(prefix_list_id=self.prefix_lists.dynamodb)],
            Outside.OTHER_PRIVATE_TIERS: self._tier_elsewhere(Tier.PRIVATE),
            Outside.OTHER_ISOLATED_TIERS: self._tier_elsewhere(Tier.ISOLATED),
        }

    def _tier_elsewhere(self, tier: Tier) -> list[Addresses]:
        return [
            Addresses(cidr=str(range_))
            for region in self.props.environment.others_than(self.props.region)
            for range_ in subnet_ranges(region.cidr, tier, zones=len(region.zone_names))
        ]

    def _publish_network(self) -> None:
        publish(self, VPC_ID, self.vpc.vpc_id)
        for tier in JOINED_TIERS:
            for zone, route_table in enumerate(self.network.route_tables(tier)):
                publish(self, route_table_key(tier, zone), route_table)

    def _transit_gateway(self, security: SecurityStack) -> None:
        environment, region = self.props.environment, self.props.region
        others = environment.others_than(region)
        gateway = RegionalTransitGateway(
            self,
            "TransitGateway",
            vpc=self.vpc,
            route_tables=[table for tier in JOINED_TIERS for table in self.network.route_tables(tier)],
            destinations={other.name: str(other.cidr) for other in others},
            asn=_FIRST_PRIVATE_ASN + environment.regions.index(region),
            name=self.props.names.resource("TransitGateway"),
        )
        acceptance = PeeringAcceptance(
            self,
            "PeeringAcceptance",
            peer_regions=[other.name for other in others],
            environment_key=security.messaging_key,
            logs_key=security.logs_key,
            log_retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        publish(self, TRANSIT_GATEWAY_ID, gateway.gateway_id)
        publish(self, TRANSIT_GATEWAY_ROUTE_TABLE_ID, gateway.route_table_id)
        publish(self, PEERING_ACCEPTANCE, acceptance.service_token)
