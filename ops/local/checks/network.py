"""The networks as they were deployed: tiers, ways out, endpoints, who may talk to whom, links between the regions.

The local AWS records networks and moves no packet, so what is shown is that the records say what the file says.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from configuration import Environment, Region
from configuration.network import JOINED_TIERS, Tier, subnet_ranges
from configuration.security_matrix import Endpoint, Outside, Role, endpoints, flows, needs_of
from ops.local.check import Check, CheckFailedError, Context

_TIER = "tag:aws-cdk:subnet-name"
_ANYWHERE = "0.0.0.0/0"


def checks(environment: Environment) -> Iterator[Check]:
    """Three checks for each region, and one for each pair of regions that are joined."""
    for region in environment.regions:
        yield TiersStand(region)
        yield EndpointsStand(region)
        yield MatrixHolds(region)
    if environment.is_joined:
        for pair in itertools.combinations(environment.regions, 2):
            yield RegionsAreJoined(*pair)


@dataclass(frozen=True)
class TiersStand:
    """Every tier has its subnets in the zones of the file, and the way out that belongs to it."""

    region: Region

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} the three tiers stand in their zones"

    def run(self, context: Context) -> str:
        """Hold subnets and default routes against the file."""
        ec2 = context.client("ec2", self.region.name)
        vpc = _vpc(context, self.region)
        for attribute in ("enableDnsSupport", "enableDnsHostnames"):
            answer = ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)
            _same(attribute, answer[attribute[0].upper() + attribute[1:]]["Value"], wanted=True)
        nat = context.environment.network.nat_gateways
        gateways = ec2.describe_nat_gateways(Filter=[{"Name": "vpc-id", "Values": [vpc]}])["NatGateways"]
        _same("NAT gateways", len([gateway for gateway in gateways if gateway["State"] != "deleted"]), nat)
        doors = {Tier.PUBLIC: "GatewayId", Tier.PRIVATE: "NatGatewayId" if nat else None, Tier.ISOLATED: None}
        for tier, door in doors.items():
            found = _subnets(context, self.region, tier)
            ranges = subnet_ranges(self.region.cidr, tier, zones=len(self.region.zone_names))
            wanted = dict(zip(self.region.zone_names, map(str, ranges), strict=True))
            _same(f"{tier} subnets", {subnet["AvailabilityZone"]: subnet["CidrBlock"] for subnet in found}, wanted)
            for subnet in found:
                route = _routes(context, self.region, subnet["SubnetId"]).get(_ANYWHERE, {})
                way = next((key for key in ("GatewayId", "NatGatewayId") if route.get(key)), None)
                _same(f"the way out of {subnet['CidrBlock']}", way, door)
        return f"{len(doors)} tiers in {', '.join(self.region.zone_names)}, {nat} NAT gateways"


@dataclass(frozen=True)
class EndpointsStand:
    """There are the endpoints of the table, and no others."""

    region: Region

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} services have their endpoints"

    def run(self, context: Context) -> str:
        """Hold the VPC's endpoints against the table."""
        ec2 = context.client("ec2", self.region.name)
        filters = [{"Name": "vpc-id", "Values": [_vpc(context, self.region)]}]
        found = ec2.describe_vpc_endpoints(Filters=filters)["VpcEndpoints"]
        prefix = f"com.amazonaws.{self.region.name}."
        services = sorted(endpoint["ServiceName"].removeprefix(prefix) for endpoint in found)
        table = endpoints(needs_of(context.environment, self.region))
        wanted = sorted(["s3", "dynamodb", *(endpoint.service for endpoint in table)])
        _same("endpoints", services, wanted)
        return ", ".join(services)


@dataclass(frozen=True)
class MatrixHolds:
    """The groups' rules are those of the security matrix, and no others."""

    region: Region

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} security groups say what the matrix says"

    def run(self, context: Context) -> str:
        """Hold every rule between two groups, and every range, against the matrix."""
        environment = context.environment
        ec2 = context.client("ec2", self.region.name)
        filters = [{"Name": "vpc-id", "Values": [_vpc(context, self.region)]}]
        groups = {
            group["GroupId"]: group
            for group in ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
            if group["GroupName"] != "default"
        }
        names = {id_: _tag(group, "Name").removeprefix(f"{environment.names.prefix}-") for id_, group in groups.items()}
        found = {
            (names.get(pair["GroupId"], pair["GroupId"]), names[id_], permission["FromPort"])
            for id_, group in groups.items()
            for permission in group["IpPermissions"]
            for pair in permission.get("UserIdGroupPairs", ())
        }
        needs = needs_of(environment, self.region)
        matrix = list(flows(needs))
        wanted = {
            (_group(flow.source), _group(flow.destination), flow.port)
            for flow in matrix
            if not isinstance(flow.source, Outside) and not isinstance(flow.destination, Outside)
        }
        _same("rules between groups", found, wanted)
        clients = {
            (names[id_], permission["FromPort"], range_["CidrIp"])
            for id_, group in groups.items()
            for permission in group["IpPermissions"]
            for range_ in permission.get("IpRanges", ())
            if names[id_] in (Role.WEB, Role.APP)
        }
        allowed = {
            (_group(flow.destination), flow.port, str(range_))
            for flow in matrix
            if flow.source is Outside.CLIENTS and not isinstance(flow.destination, Outside)
            for range_ in environment.allowed_cidr
        }
        _same("ranges that may come in", clients, allowed)
        return f"{len(groups)} groups, {len(found)} rules between them, {len(clients)} for clients"


@dataclass(frozen=True)
class RegionsAreJoined:
    """Two regions have a link, and routes that lead into it at both ends."""

    one: Region
    other: Region

    @property
    def name(self) -> str:
        """Both regions."""
        return f"{self.one.name} and {self.other.name} are joined"

    def run(self, context: Context) -> str:
        """Look for the link, then for the routes of both ends."""
        peering = context.environment.network.between_regions == "vpc-peering"
        link = self._peering(context) if peering else None
        routes = 0
        for here, there in ((self.one, self.other), (self.other, self.one)):
            for tier in JOINED_TIERS:
                for subnet in _subnets(context, here, tier):
                    route = _routes(context, here, subnet["SubnetId"]).get(str(there.cidr), {})
                    found = route.get("VpcPeeringConnectionId" if peering else "TransitGatewayId")
                    if not found or found != (link or found):
                        lacking = (
                            f"{here.name} {subnet['CidrBlock']} has no route to {there.cidr} by {link or 'a gateway'}"
                        )
                        raise CheckFailedError(f"{lacking}: {route}")
                    routes += 1
        return f"{link or 'transit gateways'}, {routes} routes"

    def _peering(self, context: Context) -> str:
        ec2 = context.client("ec2", self.one.name)
        vpcs = {_vpc(context, self.one), _vpc(context, self.other)}
        for connection in ec2.describe_vpc_peering_connections()["VpcPeeringConnections"]:
            ends = {connection[end]["VpcId"] for end in ("RequesterVpcInfo", "AccepterVpcInfo")}
            if ends == vpcs:
                _same("the connection's state", connection["Status"]["Code"], "active")
                return str(connection["VpcPeeringConnectionId"])
        raise CheckFailedError(f"no peering connection joins {' and '.join(sorted(vpcs))}")


def _same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise CheckFailedError(f"{what}: found {found}, wanted {wanted}")


def _vpc(context: Context, region: Region) -> str:
    """The id of the region's only VPC with the file's range."""
    filters = [{"Name": "cidr", "Values": [str(region.cidr)]}]
    vpcs = context.client("ec2", region.name).describe_vpcs(Filters=filters)["Vpcs"]
    _same(f"VPCs of {region.cidr}", len(vpcs), 1)
    return str(vpcs[0]["VpcId"])


def _subnets(context: Context, region: Region, tier: Tier) -> list[Any]:
    filters = [{"Name": _TIER, "Values": [tier]}, {"Name": "vpc-id", "Values": [_vpc(context, region)]}]
    found: list[Any] = context.client("ec2", region.name).describe_subnets(Filters=filters)["Subnets"]
    return found


def _routes(context: Context, region: Region, subnet: str) -> dict[str, Any]:
    """A subnet's routes by their destination range."""
    filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
    (table,) = context.client("ec2", region.name).describe_route_tables(Filters=filters)["RouteTables"]
    return {route["DestinationCidrBlock"]: route for route in table["Routes"] if "DestinationCidrBlock" in route}


def _tag(resource: Any, key: str) -> str:
    return next((tag["Value"] for tag in resource.get("Tags", ()) if tag["Key"] == key), "")


def _group(party: Role | Outside | Endpoint) -> str:
    return f"{party.name}Endpoint" if isinstance(party, Endpoint) else str(party)
