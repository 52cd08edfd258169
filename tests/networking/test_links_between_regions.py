"""The private network between the regions: every pair is joined, once, in both directions."""

import itertools
import json
from ipaddress import IPv4Network
from typing import Any

import pytest

from configuration.names import Stacks
from configuration.network import JOINED_TIERS, Tier
from tests.networking.reachability import Networks, RegionNetwork
from tests.networking.test_regional_networks import subnets
from tests.synthesis import Assembly, StackTemplate, Template, environment, synthesise
from tests.template_reading import one, order, statements_of

PEERED, ROUTED = "vpc-peering", "transit-gateway"


@pytest.fixture(scope="module", params=[2, 3], ids=["2-regions", "3-regions"])
def peered(request: pytest.FixtureRequest) -> Assembly:
    return synthesise(environment(regions=request.param, network={"between_regions": PEERED}))


@pytest.fixture(scope="module", params=[2, 3], ids=["2-regions", "3-regions"])
def routed(request: pytest.FixtureRequest) -> Assembly:
    return synthesise(environment(regions=request.param, network={"between_regions": ROUTED}))


def pairs(assembly: Assembly) -> set[frozenset[str]]:
    names = [region.name for region in assembly.environment.regions]
    return {frozenset(pair) for pair in itertools.combinations(names, 2)}


def asked_elsewhere(value: Any) -> tuple[str, str, str]:
    """Region, stack and key of a value that comes from another region."""
    output = value["Fn::GetStackOutput"]
    return output["Region"], output["StackName"], output["OutputName"]


def answers(stack: StackTemplate) -> dict[str, Template]:
    """The links a stack answers, by the region that asked."""
    return {
        asked_elsewhere(parameter["Value"])[0]: {"id": logical_id, **parameter}
        for logical_id, resource in stack.of_type("AWS::SSM::Parameter").items()
        for parameter in [resource["Properties"]]
    }


def crossings(network: RegionNetwork, other: RegionNetwork, kind: str) -> dict[Tier, list[bool]]:
    """For each tier whether its subnets have the region's other range behind that kind of link."""
    stack = next(stack for stack in network.stacks if stack.service == Stacks.NETWORKING)
    return {
        tier: [network.route((stack.name, subnet), other.vpc_range) == kind for subnet in subnets(stack, tier)]
        for tier in Tier
    }


def assert_both_ways(assembly: Assembly, kind: str) -> None:
    networks = Networks(assembly).regions
    for one_, other in itertools.permutations(networks.values(), 2):
        for tier, crossed in crossings(one_, other, kind).items():
            assert crossed == [tier in JOINED_TIERS] * 3, (one_.region, other.region, tier)


def test_no_two_regions_share_addresses(platform: Assembly) -> None:
    ranges = [network.vpc_range for network in Networks(platform).regions.values()]
    assert not any(one_.overlaps(other) for one_, other in itertools.combinations(ranges, 2))


def test_every_pair_of_regions_is_peered_once(peered: Assembly) -> None:
    found = []
    for stack, _, connection in peered.resources("AWS::EC2::VPCPeeringConnection"):
        properties = connection["Properties"]
        region, name, key = asked_elsewhere(properties["PeerVpcId"])
        assert region == properties["PeerRegion"]
        published = peered.stack(Stacks.NETWORKING, region)
        assert published.name == name
        assert published.template["Outputs"][key]["Value"] == {"Ref": next(iter(published.of_type("AWS::EC2::VPC")))}
        found.append(frozenset({stack.region, region}))
    assert len(found) == len(set(found))
    assert set(found) == pairs(peered)


def test_peering_has_routes_both_ways_from_the_private_and_the_isolated_tier(peered: Assembly) -> None:
    assert_both_ways(peered, "VpcPeeringConnectionId")


def test_both_ends_of_a_route_name_the_same_connection(peered: Assembly) -> None:
    for stack in peered.of(Stacks.PEERING):
        for region, answer in answers(stack).items():
            asked, name, key = asked_elsewhere(answer["Value"])
            asking = peered.stack(Stacks.PEERING, asked)
            assert asking.name == name
            (link, _) = asking.template["Outputs"][key]["Value"]["Fn::GetAtt"]
            assert asking.resources[link]["Properties"]["PeerRegion"] == stack.region
            (source,) = (found for found in peered.environment.regions if found.name == region)
            routes = [
                route
                for route in stack.properties("AWS::EC2::Route")
                if route["VpcPeeringConnectionId"] == {"Fn::GetAtt": [answer["id"], "Value"]}
            ]
            assert {route["DestinationCidrBlock"] for route in routes} == {str(source.cidr)}


def test_a_transit_gateway_stands_in_every_region_with_a_number_of_its_own(routed: Assembly) -> None:
    numbers = []
    for stack in routed.of(Stacks.NETWORKING):
        gateway = one(stack, "AWS::EC2::TransitGateway")
        assert gateway["DefaultRouteTableAssociation"] == gateway["DefaultRouteTablePropagation"] == "disable"
        assert gateway["AutoAcceptSharedAttachments"] == "disable"
        numbers.append(gateway["AmazonSideAsn"])
        attachment = one(stack, "AWS::EC2::TransitGatewayAttachment")
        assert {subnet["Ref"] for subnet in attachment["SubnetIds"]} == set(subnets(stack, Tier.ISOLATED))
        for kind in ("Association", "Propagation"):
            own = one(stack, f"AWS::EC2::TransitGatewayRouteTable{kind}")
            assert stack.resources[own["TransitGatewayAttachmentId"]["Fn::GetAtt"][0]]["Type"].endswith("Attachment")
    assert len(set(numbers)) == len(numbers)
    assert all(64512 <= number <= 65534 for number in numbers)
    assert list(routed.resources("AWS::EC2::VPCPeeringConnection")) == []


def test_every_pair_of_gateways_is_linked_once_and_the_link_is_accepted(routed: Assembly) -> None:
    found = []
    for stack, logical_id, attachment in routed.resources("AWS::EC2::TransitGatewayPeeringAttachment"):
        properties = attachment["Properties"]
        region, name, key = asked_elsewhere(properties["PeerTransitGatewayId"])
        assert region == properties["PeerRegion"]
        gateway = routed.stack(Stacks.NETWORKING, region)
        assert (gateway.name, gateway.template["Outputs"][key]["Value"]["Fn::GetAtt"][0]) == (
            name,
            next(iter(gateway.of_type("AWS::EC2::TransitGateway"))),
        )
        accepted = [
            accepting["Properties"]["PeerRegion"]
            for accepting in stack.of_type("Custom::TransitGatewayPeeringAcceptance").values()
            if accepting["Properties"]["AttachmentId"]["Fn::GetAtt"][0] == logical_id
        ]
        assert accepted == [region]
        found.append(frozenset({stack.region, region}))
    assert len(found) == len(set(found))
    assert set(found) == pairs(routed)


def test_gateways_lead_both_ways(routed: Assembly) -> None:
    assert_both_ways(routed, "TransitGatewayId")
    for region in routed.environment.regions:
        stack = routed.stack(Stacks.PEERING, region.name)
        routes = {
            route["DestinationCidrBlock"]: route["TransitGatewayAttachmentId"]
            for route in stack.properties("AWS::EC2::TransitGatewayRoute")
        }
        others = routed.environment.others_than(region)
        assert routes.keys() == {str(other.cidr) for other in others}
        # What comes in through a link finds the way to the VPC by the same table.
        associated = [
            association["TransitGatewayAttachmentId"]
            for association in stack.properties("AWS::EC2::TransitGatewayRouteTableAssociation")
        ]
        assert sorted(map(json.dumps, associated)) == sorted(map(json.dumps, routes.values()))
        # Each is either an accepted link of this stack or what the other region's stack has published.
        accepted = {"Ref": list(stack.of_type("Custom::TransitGatewayPeeringAcceptance"))}
        answered = {answer["id"] for answer in answers(stack).values()}
        for attachment in routes.values():
            assert attachment.get("Ref") in accepted["Ref"] or attachment["Fn::GetAtt"][0] in answered


def test_the_function_that_accepts_may_do_nothing_else(routed: Assembly) -> None:
    for stack in routed.of(Stacks.NETWORKING):
        regions = {region.name for region in routed.environment.regions} - {stack.region}
        actions: dict[str, set[str]] = {}
        for policy in stack.properties("AWS::IAM::Policy"):
            for statement in statements_of(policy["PolicyDocument"]):
                for action in statement["Action"]:
                    if action.startswith("ec2:"):
                        actions.setdefault(action, set()).update(statement["Resource"])
        account = routed.environment.account
        assert actions == {
            "ec2:DescribeTransitGatewayPeeringAttachments": {"*"},
            "ec2:AcceptTransitGatewayPeeringAttachment": {
                f"arn:aws:ec2:{region}:{account}:transit-gateway-attachment/*" for region in regions
            },
        }


@pytest.mark.parametrize("kind", [PEERED, ROUTED])
def test_one_deployment_finds_an_order(kind: str) -> None:
    assembly = synthesise(environment(regions=3, network={"between_regions": kind}))
    needs = order(assembly)
    networks = {stack.name for stack in assembly.of(Stacks.NETWORKING)}
    earlier: set[str] = set()
    for region in assembly.environment.regions:
        peering = assembly.stack(Stacks.PEERING, region.name).name
        assert networks | earlier <= needs[peering]
        earlier.add(peering)
    done: set[str] = set()
    while ready := {stack for stack, others in needs.items() if stack not in done and others <= done}:
        done |= ready
    assert done == set(needs), "stacks wait for each other"


def test_regions_that_are_not_joined_have_no_link_no_route_and_no_rule() -> None:
    assembly = synthesise(environment(regions=3, network={"between_regions": "none"}))
    assert assembly.of(Stacks.PEERING) == ()
    assert list(assembly.resources("AWS::EC2::VPCPeeringConnection", "AWS::EC2::TransitGateway")) == []
    networks = Networks(assembly).regions
    for one_, other in itertools.permutations(networks.values(), 2):
        for member in one_.members.values():
            for direction in ("Ingress", "Egress"):
                peers = [rule.peer for rule in one_.rules(direction, member)]
                ranges = [peer for peer in peers if isinstance(peer, IPv4Network) and peer.prefixlen]
                assert not any(other.vpc_range.overlaps(range_) for range_ in ranges)
            assert all(
                one_.route(subnet, other.vpc_range) not in ("VpcPeeringConnectionId", "TransitGatewayId")
                for subnet in member.subnets
            )


def test_a_single_region_has_nothing_to_be_joined_with() -> None:
    for kind in (PEERED, ROUTED):
        assembly = synthesise(environment(regions=1, network={"between_regions": kind}))
        assert assembly.of(Stacks.PEERING) == ()
        assert list(assembly.resources("AWS::EC2::TransitGateway")) == []


def test_a_rotation_that_moves_takes_no_export_away() -> None:
    """An export that a stack still uses cannot be taken away, and a failover of the database is no time for that."""
    promoted = {"region": "us-west-2", "promoted": True}
    before, after = (
        synthesise(environment(database=database))
        for database in (
            {},
            {"writer_region": "us-west-2", "rotation_region": "us-west-2", "instances": [promoted]},
        )
    )
    for stack in before.stacks:
        changed = after.stack(stack.service, stack.region)
        assert _exports(stack) <= _exports(changed), stack.name


def _exports(stack: StackTemplate) -> set[str]:
    outputs = stack.template.get("Outputs", {}).values()
    return {output["Export"]["Name"] for output in outputs if "Export" in output}
