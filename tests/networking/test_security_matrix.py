"""Who can open which port to whom, and that nobody else can."""

from collections.abc import Iterator
from ipaddress import IPv4Network

import pytest

from configuration import Environment
from configuration.names import Stacks
from tests.networking.reachability import Member, Networks, Outside
from tests.synthesis import Assembly, Template, environment, synthesise
from tests.template_reading import changed

Edge = tuple[str, str, int]

CLIENTS = Outside("clients", IPv4Network("203.0.113.0/24"))
STRANGERS = Outside("strangers", IPv4Network("198.51.100.0/24"))
HEALTH_CHECKERS = Outside("health checkers", "route53-healthchecks")
S3 = Outside("S3", "s3")
DYNAMODB = Outside("DynamoDB", "dynamodb")
OUTSIDE = (CLIENTS, STRANGERS, HEALTH_CHECKERS, S3, DYNAMODB)
PORTS = (22, 53, 80, 443, 3306, 3389, 8080, 8443, 65535)
APPLICATION = ("instances", "tasks")


def edges(networks: Networks) -> set[Edge]:
    """Every connection that can be opened."""
    parties: list[Member | Outside] = [*networks.members, *OUTSIDE]
    return {
        (label(source), label(destination), port)
        for source in parties
        for destination in parties
        for port in PORTS
        if source != destination
        and (isinstance(source, Member) or isinstance(destination, Member))
        and networks.opens(source, destination, port)
    }


def label(party: Member | Outside) -> str:
    return f"{party.region} {party.name}" if isinstance(party, Member) else party.name


def expected(described: Environment) -> Iterator[Edge]:
    """The matrix, written down once more by hand."""
    port = described.compute.application.port
    nat = described.network.nat_gateways > 0
    for region in described.regions:

        def here(name: str, region: str = region.name) -> str:
            return f"{region} {name}"

        web, database = here("load balancer"), here("database")
        yield CLIENTS.name, web, 443
        yield CLIENTS.name, web, 80
        yield HEALTH_CHECKERS.name, web, 443
        for name in APPLICATION:
            yield web, here(name), port
            yield here(name), database, 3306
            yield here(name), here("endpoint logs"), 443
            if nat:
                yield here(name), STRANGERS.name, 443
                yield here(name), CLIENTS.name, 443
                yield here(name), HEALTH_CHECKERS.name, 443
            if "database-credentials" in described.compute.application.access:
                yield here(name), here("endpoint secretsmanager"), 443
            for other in described.others_than(region) if described.is_joined else ():
                yield here(name), f"{other.name} database", 3306
        for name in (*APPLICATION, "Functions function"):
            yield here(name), S3.name, 443
            yield here(name), DYNAMODB.name, 443
        yield here("Functions function"), here("endpoint events"), 443
        if region == described.rotation_region:
            yield here("Rotation function"), database, 3306
            yield here("Rotation function"), here("endpoint secretsmanager"), 443
        if not nat:
            yield from ((here(client), here(f"endpoint {service}"), 443) for client, service in IN_PLACE_OF_NAT)


IN_PLACE_OF_NAT = (
    ("instances", "ssm"),
    ("instances", "ssmmessages"),
    ("instances", "monitoring"),
    ("instances", "ec2"),
    ("instances", "cloudformation"),
    ("tasks", "ssmmessages"),
    ("tasks", "ecr.api"),
    ("tasks", "ecr.dkr"),
)
PRIVATE_IMAGE = {"application": {"image": "{account}.dkr.ecr.{region}.amazonaws.com/app:1", "package": "app.py"}}
VARIANTS: dict[str, Environment] = {
    "no NAT": environment(network={"nat_gateways": 0}, compute=PRIVATE_IMAGE),
    "another port": environment(compute={"application": {"port": 8443}}),
    "credentials read by the application": environment(compute={"application": {"access": ["database-credentials"]}}),
    "transit gateway": environment(regions=3, network={"between_regions": "transit-gateway"}),
    "regions apart": environment(regions=3, network={"between_regions": "none"}),
    "own rotation": environment(database={"rotation": "own"}),
    "two zones": environment().model_copy(
        update={
            "regions": tuple(
                region.model_copy(update={"availability_zones": ("b", "d")}) for region in environment().regions
            )
        }
    ),
}


def test_exactly_the_connections_of_the_matrix_can_be_opened(platform: Assembly) -> None:
    assert edges(Networks(platform)) == set(expected(platform.environment))


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_matrix_follows_the_environment_file(variant: str) -> None:
    described = VARIANTS[variant]
    assert edges(Networks(synthesise(described))) == set(expected(described))


def test_no_rule_spans_more_than_one_port(platform: Assembly) -> None:
    """So that the ports looked at here stand for all."""
    for network in Networks(platform).regions.values():
        for member in network.members.values():
            for direction in ("Ingress", "Egress"):
                assert all(len(rule.ports) == 1 for rule in network.rules(direction, member)), member.name


def test_what_has_no_rule_out_says_so_itself(platform: Assembly) -> None:
    """EC2 gives a group without egress rules one that allows everything; the database's group is such a one."""
    for stack in platform.of(Stacks.NETWORKING):
        for group in stack.properties("AWS::EC2::SecurityGroup"):
            assert group["SecurityGroupEgress"], group["GroupDescription"]


def test_only_the_networking_stacks_write_rules(platform: Assembly) -> None:
    types = ("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
    writers = {stack.service for stack, _, _ in platform.resources(*types)}
    assert writers == {Stacks.NETWORKING}


def test_every_interface_wears_a_group_and_nobody_the_default_one(platform: Assembly) -> None:
    for region, network in Networks(platform).regions.items():
        for member in network.members.values():
            assert member.groups, member
            assert all(group in network.groups for group in member.groups), member
        (closed,) = platform.stack(Stacks.NETWORKING, region).properties("Custom::VpcRestrictDefaultSG")
        assert closed["DefaultSecurityGroupId"]["Fn::GetAtt"][1] == "DefaultSecurityGroup"


def test_addresses_come_from_the_environment_file() -> None:
    ranges = [IPv4Network("192.0.2.0/28"), IPv4Network("198.51.100.0/25")]
    networks = Networks(synthesise(environment(regions=1, allowed_cidr=[str(range_) for range_ in ranges])))
    found = edges(networks)
    assert ("strangers", "us-east-1 load balancer", 443) not in found, "half of the range is not allowed"
    (web,) = (member for member in networks.members if member.name == "load balancer")
    for port in (80, 443):
        assert all(networks.opens(Outside("client", range_), web, port) for range_ in ranges)
    assert ("health checkers", "us-east-1 load balancer", 443) in found
    assert not networks.opens(CLIENTS, web, 443)


def test_ssh_is_off_and_comes_from_the_allowed_ranges_alone_where_it_is_switched_on(platform: Assembly) -> None:
    for networks, admitted in (
        (Networks(platform), False),
        (Networks(synthesise(environment(network={"ssh": {"enabled": True}}))), True),
    ):
        for member in networks.members:
            assert networks.admitted(CLIENTS, member, 22) is (admitted and member.name == "instances")
            assert not networks.admitted(STRANGERS, member, 22)
            assert not any(networks.opens(other, member, 22) for other in networks.members if other != member)


def test_the_fullest_matrix_keeps_the_sixty_rules_of_a_group() -> None:
    """The quota counts each direction of a group: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"""
    described = environment(
        regions=3,
        allowed_cidr=[f"203.0.{third}.0/24" for third in range(113, 133)],
        network={"ssh": {"enabled": True}, "nat_gateways": 0},
        compute=PRIVATE_IMAGE,
    )
    networks = Networks(synthesise(described))
    weights = [
        network.weight(direction, group)
        for network in networks.regions.values()
        for group in network.groups
        for direction in ("Ingress", "Egress")
    ]
    # Five regions more, the most a file takes, add three rules each.
    assert 40 <= max(weights) <= 60 - 5 * 3


@pytest.mark.parametrize(
    ("service", "resource", "edge"),
    [
        (
            Stacks.COMPUTE,
            {
                "Type": "AWS::EC2::SecurityGroupIngress",
                "Properties": {"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 9000, "CidrIp": "0.0.0.0/0"},
            },
            ("strangers", "us-east-1 load balancer", 8443),
        ),
        (
            Stacks.SERVERLESS,
            {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {"IpProtocol": "-1", "CidrIp": "198.51.0.0/16"}},
            ("strangers", "us-east-1 load balancer", 22),
        ),
    ],
)
def test_a_rule_counts_wherever_it_stands(service: Stacks, resource: Template, edge: Edge) -> None:
    whole = synthesise(environment(regions=1))

    def open_up(resources: Template) -> None:
        (balancer,) = whole.stack(Stacks.COMPUTE).properties("AWS::ElasticLoadBalancingV2::LoadBalancer")
        properties = resource["Properties"] | {"GroupId": balancer["SecurityGroups"][0]}
        resources["Planted"] = resource | {"Properties": properties}

    before, after = (edges(Networks(assembly)) for assembly in (whole, changed(whole, service, open_up)))
    assert edge not in before
    assert edge in after


def test_a_connection_takes_both_ends_rules_and_a_route() -> None:
    whole = synthesise(environment())
    source, destination = "us-east-1 instances", "us-west-2 database"
    assert (source, destination, 3306) in edges(Networks(whole))

    def drop_inline(resources: Template) -> None:
        for resource in resources.values():
            if resource["Type"] == "AWS::EC2::SecurityGroup":
                resource["Properties"]["SecurityGroupIngress"] = []

    def drop_routes(resources: Template) -> None:
        for name in [name for name, resource in resources.items() if resource["Type"] == "AWS::EC2::Route"]:
            del resources[name]

    unanswered = changed(whole, Stacks.NETWORKING, drop_inline, region="us-west-2")
    assert (source, destination, 3306) not in edges(Networks(unanswered))
    one_way = changed(whole, Stacks.PEERING, drop_routes, region="us-west-2")
    with pytest.raises(AssertionError, match="a way in one direction only"):
        edges(Networks(one_way))
    apart = changed(one_way, Stacks.PEERING, drop_routes, region="us-east-1")
    assert (source, destination, 3306) not in edges(Networks(apart))
