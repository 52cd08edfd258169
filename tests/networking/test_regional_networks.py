"""The network of every region: its tiers, its ways out, and what it writes down."""

from ipaddress import IPv4Network

import pytest

from configuration import Environment
from configuration.names import Stacks
from configuration.network import MOST_ZONES, Tier, subnet_ranges
from tests.networking.reachability import Networks, RegionNetwork, service_of
from tests.synthesis import Assembly, StackTemplate, Template, environment, synthesise
from tests.template_reading import one, text

ANYWHERE = IPv4Network("0.0.0.0/0")


def tier_of(subnet: Template) -> Tier:
    tags = {tag["Key"]: tag["Value"] for tag in subnet["Tags"]}
    return Tier(tags["aws-cdk:subnet-name"])


def subnets(stack: StackTemplate, tier: Tier) -> dict[str, Template]:
    """The subnets of a tier by logical id."""
    return {
        logical_id: subnet["Properties"]
        for logical_id, subnet in stack.of_type("AWS::EC2::Subnet").items()
        if tier_of(subnet["Properties"]) is tier
    }


def ways_out(network: RegionNetwork, stack: StackTemplate, tier: Tier) -> list[str | None]:
    """By what each subnet of a tier reaches the internet, in the order of the zones."""
    return [network.route((stack.name, subnet), ANYWHERE) for subnet in subnets(stack, tier)]


def test_a_region_has_one_vpc_with_dns_and_an_internet_gateway(platform: Assembly) -> None:
    for region in platform.environment.regions:
        stack = platform.stack(Stacks.NETWORKING, region.name)
        vpc = one(stack, "AWS::EC2::VPC")
        assert vpc["CidrBlock"] == str(region.cidr)
        assert vpc["EnableDnsHostnames"] is True
        assert vpc["EnableDnsSupport"] is True
        assert len(stack.of_type("AWS::EC2::InternetGateway")) == 1
        assert len(stack.of_type("AWS::EC2::VPCGatewayAttachment")) == 1
    assert {stack.service for stack, _, _ in platform.resources("AWS::EC2::VPC")} == {Stacks.NETWORKING}


def test_three_tiers_stand_in_the_three_zones_that_the_file_names(platform: Assembly) -> None:
    for region in platform.environment.regions:
        stack = platform.stack(Stacks.NETWORKING, region.name)
        for tier in Tier:
            found = list(subnets(stack, tier).values())
            assert [subnet["AvailabilityZone"] for subnet in found] == list(region.zone_names), tier
            ranges = [IPv4Network(subnet["CidrBlock"]) for subnet in found]
            assert ranges == list(subnet_ranges(region.cidr, tier, zones=3)), tier
            assert not any(subnet["MapPublicIpOnLaunch"] for subnet in found), tier


@pytest.mark.parametrize("size", [16, 19, 21])
def test_subnets_leave_room_to_grow_and_are_large_enough_for_a_load_balancer(size: int) -> None:
    network = IPv4Network(f"10.0.0.0/{size}")
    ranges = [range_ for tier in Tier for range_ in subnet_ranges(network, tier, zones=MOST_ZONES)]
    assert all(range_.subnet_of(network) for range_ in ranges)
    assert not any(one.overlaps(other) for one in ranges for other in ranges if one is not other)
    assert sum(range_.num_addresses for range_ in ranges) <= network.num_addresses * 10 // 16
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    assert all(range_.prefixlen <= 27 for range_ in subnet_ranges(network, Tier.PUBLIC, zones=MOST_ZONES))


def test_a_zone_that_is_added_moves_no_subnet() -> None:
    two, three = (_ranges(letters) for letters in (("a", "b"), ("a", "b", "c")))
    assert two.items() < three.items()


def _ranges(letters: tuple[str, ...]) -> dict[tuple[Tier, str], str]:
    described = environment(regions=1)
    region = described.home.model_copy(update={"availability_zones": letters})
    stack = synthesise(described.model_copy(update={"regions": (region,)})).stack(Stacks.NETWORKING)
    found = stack.properties("AWS::EC2::Subnet")
    return {(tier_of(subnet), subnet["AvailabilityZone"]): subnet["CidrBlock"] for subnet in found}


def test_isolation_is_the_lack_of_a_route_and_not_a_policy(platform: Assembly) -> None:
    for region, network in Networks(platform).regions.items():
        stack = platform.stack(Stacks.NETWORKING, region)
        assert ways_out(network, stack, Tier.PUBLIC) == ["GatewayId"] * 3
        assert ways_out(network, stack, Tier.PRIVATE) == ["NatGatewayId"] * 3
        assert ways_out(network, stack, Tier.ISOLATED) == [None] * 3
    for stack, logical_id, policy in platform.resources("AWS::IAM::Policy", "AWS::IAM::Role"):
        assert "aws:SourceVpc" not in str(policy), (stack.name, logical_id)


def test_what_serves_data_stands_in_the_isolated_tier_and_what_serves_clients_in_the_public_one(
    platform: Assembly,
) -> None:
    tiers = {"load balancer": Tier.PUBLIC, "instances": Tier.PRIVATE, "tasks": Tier.PRIVATE}
    for network in Networks(platform).regions.values():
        for member in network.members.values():
            found = {tier_of(network.properties(subnet)) for subnet in member.subnets}
            assert found == {tiers.get(member.name, Tier.ISOLATED)}, member.name
            assert len(member.subnets) == 3, member.name
            assert member.public is (member.name == "load balancer"), member.name


@pytest.mark.parametrize("gateways", [1, 2, 3])
def test_nat_gateways_are_spread_over_the_first_zones_and_serve_every_zone(gateways: int) -> None:
    described = environment(regions=1, network={"nat_gateways": gateways})
    stack = synthesise(described).stack(Stacks.NETWORKING)
    found = stack.of_type("AWS::EC2::NatGateway")
    public = list(subnets(stack, Tier.PUBLIC))
    assert sorted(nat["Properties"]["SubnetId"]["Ref"] for nat in found.values()) == sorted(public[:gateways])
    assert len(stack.of_type("AWS::EC2::EIP")) == gateways
    used = {route["NatGatewayId"]["Ref"] for route in stack.properties("AWS::EC2::Route") if "NatGatewayId" in route}
    assert used == set(found)
    (network,) = Networks(synthesise(described)).regions.values()
    assert ways_out(network, stack, Tier.PRIVATE) == ["NatGatewayId"] * 3


def test_two_nat_gateways_are_the_default(platform: Assembly) -> None:
    for stack in platform.of(Stacks.NETWORKING):
        assert len(stack.of_type("AWS::EC2::NatGateway")) == 2


def test_without_nat_the_private_tier_has_no_way_out_and_endpoints_in_its_place(without_nat: Assembly) -> None:
    for region, network in Networks(without_nat).regions.items():
        stack = without_nat.stack(Stacks.NETWORKING, region)
        assert stack.of_type("AWS::EC2::NatGateway") == {}
        assert stack.of_type("AWS::EC2::EIP") == {}
        assert ways_out(network, stack, Tier.PRIVATE) == [None] * 3
        assert ways_out(network, stack, Tier.PUBLIC) == ["GatewayId"] * 3
        services = {service_of(endpoint) for endpoint in stack.properties("AWS::EC2::VPCEndpoint")}
        assert services >= {"ssm", "ssmmessages", "ec2", "monitoring", "cloudformation", "ecr.api", "ecr.dkr"}


def test_flow_logs_take_everything_to_an_encrypted_group_with_retention(platform: Assembly) -> None:
    for stack in platform.of(Stacks.NETWORKING):
        flow_log = one(stack, "AWS::EC2::FlowLog")
        assert (flow_log["ResourceType"], flow_log["TrafficType"]) == ("VPC", "ALL")
        assert flow_log["LogDestinationType"] == "cloud-watch-logs"
        group = stack.resources[flow_log["LogGroupName"]["Ref"]]["Properties"]
        assert group["RetentionInDays"] == platform.environment.log_retention_days
        assert "LogsKey" in text(group["KmsKeyId"])


def test_a_gateway_endpoint_serves_every_tier_and_this_account_alone(platform: Assembly) -> None:
    for stack in platform.of(Stacks.NETWORKING):
        tables = {logical_id: {"Ref": logical_id} for logical_id in stack.of_type("AWS::EC2::RouteTable")}
        found = [endpoint for endpoint in stack.properties("AWS::EC2::VPCEndpoint") if "RouteTableIds" in endpoint]
        assert {service_of(endpoint) for endpoint in found} == {"s3", "dynamodb"}
        for endpoint in found:
            assert endpoint["VpcEndpointType"] == "Gateway"
            assert "SubnetIds" not in endpoint
            assert sorted(map(str, endpoint["RouteTableIds"])) == sorted(map(str, tables.values()))
            own, *others = endpoint["PolicyDocument"]["Statement"]
            account = platform.environment.account
            assert own["Condition"]["StringEquals"] == {
                "aws:PrincipalAccount": account,
                "aws:ResourceAccount": account,
            }
            # What else it serves are AWS's own buckets, object by object.
            assert all(statement["Action"] in ("s3:GetObject", "s3:PutObject") for statement in others)


@pytest.mark.parametrize(
    ("action", "bucket"),
    [
        ("s3:GetObject", "prod-{region}-starport-layer-bucket"),
        ("s3:GetObject", "al2023-repos-{region}-de612dc2"),
        ("s3:GetObject", "amazon-ssm-{region}"),
        ("s3:PutObject", "cloudformation-custom-resource-response-{plain}"),
    ],
)
def test_what_services_keep_in_buckets_of_theirs_can_be_reached(platform: Assembly, action: str, bucket: str) -> None:
    for stack in platform.of(Stacks.NETWORKING):
        (endpoint,) = (found for found in stack.properties("AWS::EC2::VPCEndpoint") if service_of(found) == "s3")
        name = bucket.format(region=stack.region, plain=stack.region.replace("-", ""))
        admitted = [
            statement
            for statement in endpoint["PolicyDocument"]["Statement"]
            if statement["Action"] == action and f"arn:aws:s3:::{name}/*" in statement["Resource"]
        ]
        assert len(admitted) == 1
        assert "Condition" not in admitted[0]


@pytest.fixture(scope="module")
def without_nat() -> Assembly:
    described: Environment = environment(
        network={"nat_gateways": 0},
        compute={"application": {"image": "{account}.dkr.ecr.{region}.amazonaws.com/app:1", "package": "app.py"}},
    )
    return synthesise(described)
