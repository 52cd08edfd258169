"""Who can open a connection to whom, computed from the templates alone.

It knows of AWS's networking what decides here: a connection needs an egress rule of the one who opens it, an ingress
rule of the one who is to answer, and a route; answers need none. It reads every stack of a region, so a rule or a
route counts wherever it stands.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network
from typing import Any

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate

Place = tuple[str, str]
"""A resource: the name of its stack and its logical id."""


@dataclass(frozen=True)
class Outside:
    """A party known by addresses: a range, or the name of a prefix list that AWS maintains."""

    name: str
    addresses: IPv4Network | str


@dataclass(frozen=True)
class Member:
    """A party with network interfaces: the groups they wear and the subnets they are in."""

    name: str
    region: str
    groups: frozenset[Place]
    subnets: frozenset[Place]
    public: bool = False


@dataclass(frozen=True)
class Rule:
    """One rule of a group: a TCP port range and the other end."""

    ports: range
    peer: Place | IPv4Network | str

    def admits(self, port: int) -> bool:
        return port in self.ports


class RegionNetwork:
    """What the stacks of one region say about its network."""

    def __init__(self, assembly: Assembly, region: str) -> None:
        self.region = region
        self.stacks = [stack for stack in assembly.stacks if stack.region == region]
        self._by_name = {stack.name: stack for stack in self.stacks}
        self._exports = {
            text_of(output["Export"]["Name"]): (stack, output["Value"])
            for stack in self.stacks
            for output in stack.template.get("Outputs", {}).values()
            if "Export" in output
        }

    def place(self, stack: StackTemplate, reference: Any) -> Place:
        """The resource a value refers to, through exports of the region's stacks."""
        if "Fn::ImportValue" in reference:
            return self.place(*self._exports[text_of(reference["Fn::ImportValue"])])
        return stack.name, reference["Ref"] if "Ref" in reference else reference["Fn::GetAtt"][0]

    def properties(self, place: Place) -> dict[str, Any]:
        """The properties of a resource."""
        found: dict[str, Any] = self._by_name[place[0]].resources[place[1]]["Properties"]
        return found

    def each(self, resource_type: str) -> Iterator[tuple[StackTemplate, str, dict[str, Any]]]:
        """Every resource of a type in the region."""
        for stack in self.stacks:
            for logical_id, resource in stack.of_type(resource_type).items():
                yield stack, logical_id, resource.get("Properties", {})

    def group_name(self, group: Place) -> str:
        """The last part of a group's name tag."""
        tags = {tag["Key"]: tag["Value"] for tag in self.properties(group)["Tags"]}
        return str(tags["Name"]).rsplit("-", 1)[-1]

    @cached_property
    def vpc_range(self) -> IPv4Network:
        (vpc,) = [properties for _, _, properties in self.each("AWS::EC2::VPC")]
        return IPv4Network(vpc["CidrBlock"])

    def subnet_range(self, subnet: Place) -> IPv4Network:
        return IPv4Network(self.properties(subnet)["CidrBlock"])

    @cached_property
    def members(self) -> dict[str, Member]:
        """Whoever has network interfaces, by a name that says what it is."""
        found: dict[str, Member] = {}
        for member in self._members():
            same = found.setdefault(member.name, member)
            assert same == member, f"two different {member.name} in {self.region}"
        return found

    def _members(self) -> Iterator[Member]:
        for stack, _, properties in self.each("AWS::ElasticLoadBalancingV2::LoadBalancer"):
            public = properties["Scheme"] == "internet-facing"
            yield self._member("load balancer", stack, properties["SecurityGroups"], properties["Subnets"], public)
        for stack, logical_id, properties in self.each("AWS::EC2::LaunchTemplate"):
            (interface,) = properties["LaunchTemplateData"]["NetworkInterfaces"]
            subnets = self._subnets_of_fleet(stack, logical_id)
            yield self._member("instances", stack, interface["Groups"], subnets, interface["AssociatePublicIpAddress"])
        for stack, _, properties in self.each("AWS::ECS::Service"):
            network = properties["NetworkConfiguration"]["AwsvpcConfiguration"]
            public = network["AssignPublicIp"] != "DISABLED"
            yield self._member("tasks", stack, network["SecurityGroups"], network["Subnets"], public)
        for stack, _, properties in self.each("AWS::RDS::DBInstance"):
            subnets = self.properties(self.place(stack, properties["DBSubnetGroupName"]))["SubnetIds"]
            public = properties["PubliclyAccessible"]
            yield self._member("database", stack, properties["VPCSecurityGroups"], subnets, public)
        for stack, _, properties in self.each("AWS::Lambda::Function"):
            if network := properties.get("VpcConfig"):
                groups = network["SecurityGroupIds"]
                name = f"{self.group_name(self.place(stack, groups[0]))} function"
                yield self._member(name, stack, groups, network["SubnetIds"], public=False)
        for stack, _, properties in self.each("AWS::SecretsManager::RotationSchedule"):
            if hosted := properties.get("HostedRotationLambda"):
                groups, subnets = [hosted["VpcSecurityGroupIds"]], joined(hosted["VpcSubnetIds"])
                yield self._member("Rotation function", stack, groups, subnets, public=False)
        for stack, _, properties in self.each("AWS::EC2::VPCEndpoint"):
            if properties.get("VpcEndpointType") == "Interface":
                name = f"endpoint {service_of(properties)}"
                yield self._member(name, stack, properties["SecurityGroupIds"], properties["SubnetIds"], public=False)

    def _subnets_of_fleet(self, stack: StackTemplate, launch_template: str) -> list[Any]:
        (subnets,) = [
            properties["VPCZoneIdentifier"]
            for properties in stack.properties("AWS::AutoScaling::AutoScalingGroup")
            if properties["LaunchTemplate"]["LaunchTemplateId"] == {"Ref": launch_template}
        ]
        return list(subnets)

    def _member(self, name: str, stack: StackTemplate, groups: list[Any], subnets: list[Any], public: bool) -> Member:
        return Member(
            name=name,
            region=self.region,
            groups=frozenset(self.place(stack, group) for group in groups),
            subnets=frozenset(self.place(stack, subnet) for subnet in subnets),
            public=public,
        )

    @cached_property
    def _rules(self) -> dict[str, dict[Place, list[Rule]]]:
        found: dict[str, dict[Place, list[Rule]]] = {"Ingress": {}, "Egress": {}}
        for stack, logical_id, properties in self.each("AWS::EC2::SecurityGroup"):
            for direction, rules in found.items():
                inline = properties.get(f"SecurityGroup{direction}", [])
                rules[stack.name, logical_id] = [rule for text in inline for rule in self._rule(stack, text)]
        for direction, rules in found.items():
            for stack, _, properties in self.each(f"AWS::EC2::SecurityGroup{direction}"):
                rules[self.place(stack, properties["GroupId"])] += self._rule(stack, properties)
        return found

    def _rule(self, stack: StackTemplate, properties: dict[str, Any]) -> Iterator[Rule]:
        protocol = properties["IpProtocol"]
        if protocol not in ("tcp", "-1"):
            return
        ports = range(65536) if protocol == "-1" else range(properties["FromPort"], properties["ToPort"] + 1)
        for key in ("CidrIp", "SourceSecurityGroupId", "DestinationSecurityGroupId", "SourcePrefixListId"):
            if key in properties:
                value = properties[key]
                peer = IPv4Network(value) if key == "CidrIp" else self._peer(stack, value)
                yield Rule(ports, peer)
        if "DestinationPrefixListId" in properties:
            yield Rule(ports, self._peer(stack, properties["DestinationPrefixListId"]))

    def _peer(self, stack: StackTemplate, reference: Any) -> Place | str:
        place = self.place(stack, reference)
        resource = self._by_name[place[0]].resources[place[1]]
        if resource["Type"] != "Custom::PrefixList":
            return place
        asked = re.search(rf"com\.amazonaws\.{self.region}\.([a-z0-9-]+)", resource["Properties"]["Create"])
        assert asked, resource
        return asked[1]

    def rules(self, direction: str, member: Member) -> list[Rule]:
        """The rules of every group a member wears: any of them is enough."""
        return [rule for group in member.groups for rule in self._rules[direction][group]]

    def weight(self, direction: str, group: Place) -> int:
        """How many of the 60 rules of a direction a group takes; a prefix list counts as many as AWS says.

        https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
        """
        weights = {"s3": 1, "dynamodb": 1, "route53-healthchecks": 25}
        return sum(weights[rule.peer] if isinstance(rule.peer, str) else 1 for rule in self._rules[direction][group])

    @property
    def groups(self) -> list[Place]:
        """Every security group of the region."""
        return list(self._rules["Ingress"])

    @cached_property
    def _tables(self) -> dict[Place, Place]:
        return {
            self.place(stack, properties["SubnetId"]): self.place(stack, properties["RouteTableId"])
            for stack, _, properties in self.each("AWS::EC2::SubnetRouteTableAssociation")
        }

    @cached_property
    def _routes(self) -> dict[Place, dict[IPv4Network | str, tuple[str, Any]]]:
        found: dict[Place, dict[IPv4Network | str, tuple[str, Any]]] = {table: {} for table in self._tables.values()}
        kinds = ("GatewayId", "NatGatewayId", "VpcPeeringConnectionId", "TransitGatewayId")
        for stack, _, properties in self.each("AWS::EC2::Route"):
            (kind,) = [kind for kind in kinds if kind in properties]
            destination = IPv4Network(properties["DestinationCidrBlock"])
            table = self.place(stack, properties["RouteTableId"])
            assert destination not in found[table], f"{table} has two routes to {destination}"
            found[table][destination] = (kind, properties[kind])
        for stack, _, properties in self.each("AWS::EC2::VPCEndpoint"):
            for table in properties.get("RouteTableIds", ()):
                found[self.place(stack, table)][service_of(properties)] = ("endpoint", None)
        return found

    def route(self, subnet: Place, destination: IPv4Network | str) -> str | None:
        """By what kind of door traffic leaves a subnet for addresses outside the VPC; None where it cannot."""
        routes = self._routes[self._tables[subnet]]
        if destination in routes:
            return routes[destination][0]
        anywhere = IPv4Network("0.0.0.0/0")
        target = anywhere if isinstance(destination, str) else destination
        matching = [known for known in routes if isinstance(known, IPv4Network) and target.subnet_of(known)]
        return routes[max(matching, key=lambda known: known.prefixlen)][0] if matching else None


class Networks:
    """The networks of every region of an assembly."""

    def __init__(self, assembly: Assembly) -> None:
        self.regions = {region.name: RegionNetwork(assembly, region.name) for region in assembly.environment.regions}

    @property
    def members(self) -> list[Member]:
        """The members of every region."""
        return [member for region in self.regions.values() for member in region.members.values()]

    def opens(self, source: Member | Outside, destination: Member | Outside, port: int) -> bool:
        """Whether groups and routes together let ``source`` open ``port`` of ``destination``.

        Raises:
            AssertionError: it can from or to some of its zones only.
        """
        return self.admitted(source, destination, port) and self.routed(source, destination)

    def admitted(self, source: Member | Outside, destination: Member | Outside, port: int) -> bool:
        """What the security groups say."""
        leaves = not isinstance(source, Member) or self._admitted("Egress", source, destination, port)
        return leaves and (not isinstance(destination, Member) or self._admitted("Ingress", destination, source, port))

    def _admitted(self, direction: str, member: Member, peer: Member | Outside, port: int) -> bool:
        rules = [rule for rule in self.regions[member.region].rules(direction, member) if rule.admits(port)]
        if isinstance(peer, Outside):
            return any(_covers(rule.peer, peer.addresses) for rule in rules)
        if peer.region == member.region and any(rule.peer in peer.groups for rule in rules):
            return True
        home = self.regions[peer.region]
        return _alike(any(_covers(rule.peer, home.subnet_range(subnet)) for rule in rules) for subnet in peer.subnets)

    def routed(self, source: Member | Outside, destination: Member | Outside) -> bool:
        """What the route tables say; answers need a way back where both ends have tables of their own."""
        if isinstance(source, Member) and isinstance(destination, Member):
            if source.region == destination.region:
                return True
            there, back = self._crosses(source, destination), self._crosses(destination, source)
            assert there == back, f"{source.name} and {destination.name}: a way in one direction only"
            return there
        if isinstance(source, Member):
            return self._leaves(source, destination)
        # From outside: to a public address, in subnets that the internet gateway serves.
        assert isinstance(destination, Member)
        region = self.regions[destination.region]
        anywhere = IPv4Network("0.0.0.0/0")
        return destination.public and _alike(
            region.route(subnet, anywhere) == "GatewayId" for subnet in destination.subnets
        )

    def _leaves(self, source: Member, destination: Member | Outside) -> bool:
        assert isinstance(destination, Outside)
        region = self.regions[source.region]
        doors = ("NatGatewayId", "endpoint", *(("GatewayId",) if source.public else ()))
        return _alike(region.route(subnet, destination.addresses) in doors for subnet in source.subnets)

    def _crosses(self, source: Member, destination: Member) -> bool:
        region, other = self.regions[source.region], self.regions[destination.region]
        links = ("VpcPeeringConnectionId", "TransitGatewayId")
        return _alike(
            region.route(subnet, other.subnet_range(there)) in links
            for subnet in source.subnets
            for there in destination.subnets
        )


def service_of(endpoint: dict[str, Any]) -> str:
    """The last parts of the name of an endpoint's service: ``logs``, ``ecr.api``."""
    name = endpoint["ServiceName"]
    if isinstance(name, dict):
        name = "".join(part if isinstance(part, str) else "region" for part in name["Fn::Join"][1])
    return str(name).split(".", 3)[-1]


def joined(value: Any) -> list[Any]:
    """The references of a comma-separated list."""
    return [part for part in value["Fn::Join"][1] if part != ","]


def text_of(value: Any) -> str:
    """A name that is literal text."""
    assert isinstance(value, str), value
    return value


def networking(assembly: Assembly) -> list[StackTemplate]:
    """The networking stacks of every region."""
    return list(assembly.of(Stacks.NETWORKING))


def _covers(peer: Place | IPv4Network | str, addresses: IPv4Network | str) -> bool:
    if isinstance(peer, IPv4Network):
        # The addresses of a list that AWS keeps are unknown, but all are in the widest range.
        return peer.prefixlen == 0 if isinstance(addresses, str) else addresses.subnet_of(peer)
    return peer == addresses


def _alike(answers: Iterator[bool]) -> bool:
    """The one answer of all zones."""
    found = set(answers)
    assert len(found) == 1, "differs between zones"
    return found.pop()
