"""The types of Amazon EC2 that MiniStack lacks: each is made, changed and taken away, as its own API tells."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.process import LocalAws
from tests.local_aws.added_types import NETWORK, OTHER_REGION, REGION, Case, Client, att, live, own, ref, tags
from tests.local_aws.stacks import Resources, Stack, stack

GROUP: Resources = {
    **NETWORK,
    "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "One", "VpcId": ref("Network")}},
    "Client": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "Two", "VpcId": ref("Network")}},
}
ACL: Resources = {**NETWORK, "Acl": {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": ref("Network")}}}
GATEWAY: Resources = {**NETWORK, "Gateway": {"Type": "AWS::EC2::TransitGateway", "Properties": {}}}
TABLE: Resources = {
    **GATEWAY,
    "Table": {"Type": "AWS::EC2::TransitGatewayRouteTable", "Properties": {"TransitGatewayId": ref("Gateway")}},
    "Attachment": {
        "Type": "AWS::EC2::TransitGatewayAttachment",
        "Properties": {"TransitGatewayId": ref("Gateway"), "VpcId": ref("Network"), "SubnetIds": [ref("Subnet")]},
    },
}


def address(client: Client, physical_id: str) -> Any:
    found = [one for one in client("ec2").describe_addresses()["Addresses"] if one["PublicIp"] == physical_id]
    return own(found[0]["Tags"]) if found else None


def nat_gateway(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_nat_gateways(NatGatewayIds=[physical_id])["NatGateways"]
    return [own(one["Tags"]) for one in found if one["State"] != "deleted"]


def flow_log(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_flow_logs(FlowLogIds=[physical_id])["FlowLogs"]
    return [(one["TrafficType"], own(one["Tags"])) for one in found]


def network_acl(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_network_acls(NetworkAclIds=[physical_id])["NetworkAcls"]
    return [own(one["Tags"]) for one in found]


def entries(client: Client, _: str) -> Any:
    acls = client("ec2").describe_network_acls()["NetworkAcls"]
    entries_ = [entry for acl in acls for entry in acl["Entries"] if entry["RuleNumber"] == 4711]
    return [(one["RuleAction"], one["CidrBlock"], one["PortRange"]["From"], one["PortRange"]["To"]) for one in entries_]


def association(client: Client, physical_id: str) -> Any:
    acls = client("ec2").describe_network_acls()["NetworkAcls"]
    found = [acl for acl in acls if not acl["IsDefault"]]
    return [
        one["NetworkAclAssociationId"] == physical_id
        for acl in found
        for one in acl["Associations"]
        if one["NetworkAclAssociationId"] == physical_id
    ]


def peering(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_vpc_peering_connections(VpcPeeringConnectionIds=[physical_id])
    return [one["Status"]["Code"] for one in found["VpcPeeringConnections"] if one["Status"]["Code"] != "deleted"]


def prefix_list(client: Client, physical_id: str) -> Any:
    ec2 = client("ec2")
    found = ec2.get_managed_prefix_list_entries(PrefixListId=physical_id)["Entries"]
    return {one["Cidr"]: one.get("Description") or None for one in found}


def rule(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[physical_id])["SecurityGroupRules"]
    return [(one["IsEgress"], one["FromPort"], one["ToPort"], one.get("Description")) for one in found]


def transit_gateway(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_transit_gateways(TransitGatewayIds=[physical_id])["TransitGateways"]
    return [(one["Description"], own(one["Tags"])) for one in found if one["State"] != "deleted"]


def attachment(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[physical_id])
    return [len(one["SubnetIds"]) for one in found["TransitGatewayVpcAttachments"] if one["State"] != "deleted"]


def route_table(client: Client, physical_id: str) -> Any:
    found = client("ec2").describe_transit_gateway_route_tables(TransitGatewayRouteTableIds=[physical_id])
    return [own(one["Tags"]) for one in found["TransitGatewayRouteTables"] if one["State"] != "deleted"]


def table_association(client: Client, physical_id: str) -> Any:
    table, _, attached = physical_id.partition("|")
    found = client("ec2").get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=table)
    return [one["TransitGatewayAttachmentId"] == attached for one in found["Associations"]]


def table_propagation(client: Client, physical_id: str) -> Any:
    table, _, attached = physical_id.partition("|")
    found = client("ec2").get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=table)
    return [one["TransitGatewayAttachmentId"] == attached for one in found["TransitGatewayRouteTablePropagations"]]


def static_route(client: Client, physical_id: str) -> Any:
    table, _, destination = physical_id.partition("|")
    found = client("ec2").search_transit_gateway_routes(
        TransitGatewayRouteTableId=table, Filters=[{"Name": "type", "Values": ["static"]}]
    )
    return [one["DestinationCidrBlock"] for one in found["Routes"] if one["DestinationCidrBlock"] == destination]


RELATION = {"TransitGatewayRouteTableId": ref("Table"), "TransitGatewayAttachmentId": ref("Attachment")}
CASES = [
    Case(
        type="AWS::EC2::EIP",
        properties={"Domain": "vpc", "Tags": tags(Name="one", Role="nat")},
        changed={"Tags": tags(Name="two")},
        read=address,
        expected={"Name": "one", "Role": "nat"},
        expected_after={"Name": "two"},
        attributes=("AllocationId", "PublicIp"),
    ),
    Case(
        type="AWS::EC2::NatGateway",
        properties={"SubnetId": ref("Subnet"), "ConnectivityType": "private", "Tags": tags(Name="one")},
        changed={"Tags": tags(Name="two")},
        read=nat_gateway,
        expected=[{"Name": "one"}],
        expected_after=[{"Name": "two"}],
        attributes=("NatGatewayId",),
        others=NETWORK,
    ),
    Case(
        type="AWS::EC2::FlowLog",
        properties={
            "ResourceId": ref("Network"),
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": "arn:aws:s3:::flow-logs",
            "Tags": tags(Name="one"),
        },
        changed={"TrafficType": "REJECT"},
        read=flow_log,
        expected=[("ALL", {"Name": "one"})],
        expected_after=[("REJECT", {"Name": "one"})],
        replaced=True,
        attributes=("Id",),
        others=NETWORK,
    ),
    Case(
        type="AWS::EC2::NetworkAcl",
        properties={"VpcId": ref("Network"), "Tags": tags(Name="one")},
        changed={"Tags": tags(Name="two")},
        read=network_acl,
        expected=[{"Name": "one"}],
        expected_after=[{"Name": "two"}],
        attributes=("Id",),
        others=NETWORK,
    ),
    Case(
        type="AWS::EC2::NetworkAclEntry",
        properties={
            "NetworkAclId": ref("Acl"),
            "RuleNumber": "4711",
            "Protocol": 6,
            "RuleAction": "allow",
            "CidrBlock": "10.0.0.0/8",
            "PortRange": {"From": 443, "To": 443},
        },
        changed={"RuleAction": "deny", "PortRange": {"From": 1024, "To": 65535}},
        read=entries,
        expected=[("allow", "10.0.0.0/8", 443, 443)],
        expected_after=[("deny", "10.0.0.0/8", 1024, 65535)],
        attributes=("Id",),
        others=ACL,
    ),
    Case(
        type="AWS::EC2::SubnetNetworkAclAssociation",
        properties={"SubnetId": ref("Subnet"), "NetworkAclId": ref("Acl")},
        changed={"SubnetId": ref("SecondSubnet")},
        read=association,
        expected=[True],
        expected_after=[True],
        replaced=True,
        attributes=("AssociationId",),
        others=ACL,
    ),
    Case(
        type="AWS::EC2::VPCPeeringConnection",
        properties={"VpcId": ref("Network"), "PeerVpcId": ref("Peer"), "Tags": tags(Name="one")},
        changed={"Tags": tags(Name="two")},
        read=peering,
        expected=["active"],
        expected_after=["active"],
        attributes=("Id",),
        others={**NETWORK, "Peer": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}},
    ),
    Case(
        type="AWS::EC2::PrefixList",
        properties={
            "PrefixListName": "partners",
            "AddressFamily": "IPv4",
            "MaxEntries": 5,
            "Entries": [{"Cidr": "192.0.2.0/24", "Description": "one"}, {"Cidr": "198.51.100.0/24"}],
        },
        changed={"Entries": [{"Cidr": "192.0.2.0/24", "Description": "two"}, {"Cidr": "203.0.113.0/24"}]},
        read=prefix_list,
        expected={"192.0.2.0/24": "one", "198.51.100.0/24": None},
        expected_after={"192.0.2.0/24": "two", "203.0.113.0/24": None},
        attributes=("PrefixListId", "Arn", "OwnerId", "Version"),
    ),
    Case(
        type="AWS::EC2::SecurityGroupIngress",
        properties={
            "GroupId": att("Group", "GroupId"),
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": "443",
            "SourceSecurityGroupId": att("Client", "GroupId"),
            "Description": "one",
        },
        changed={"Description": "two"},
        read=rule,
        expected=[(False, 443, 443, "one")],
        expected_after=[(False, 443, 443, "two")],
        attributes=("Id",),
        others=GROUP,
    ),
    Case(
        type="AWS::EC2::SecurityGroupEgress",
        properties={
            "GroupId": att("Group", "GroupId"),
            "IpProtocol": "tcp",
            "FromPort": 3306,
            "ToPort": 3306,
            "CidrIp": "10.0.0.0/16",
        },
        changed={"Description": "two"},
        read=rule,
        expected=[(True, 3306, 3306, None)],
        expected_after=[(True, 3306, 3306, "two")],
        attributes=("Id",),
        others=GROUP,
    ),
    Case(
        type="AWS::EC2::TransitGateway",
        properties={"Description": "one", "Tags": tags(Name="one")},
        changed={"Description": "two", "Tags": tags(Name="two")},
        read=transit_gateway,
        expected=[("one", {"Name": "one"})],
        expected_after=[("two", {"Name": "two"})],
        attributes=("Id", "TransitGatewayArn"),
    ),
    *(
        Case(
            type=name,
            properties={"TransitGatewayId": ref("Gateway"), "VpcId": ref("Network"), "SubnetIds": [ref("Subnet")]},
            changed=changed,
            read=attachment,
            expected=[1],
            expected_after=[2],
            attributes=("Id",),
            others=GATEWAY,
        )
        for name, changed in (
            ("AWS::EC2::TransitGatewayAttachment", {"SubnetIds": [ref("Subnet"), ref("SecondSubnet")]}),
            ("AWS::EC2::TransitGatewayVpcAttachment", {"AddSubnetIds": [ref("SecondSubnet")]}),
        )
    ),
    Case(
        type="AWS::EC2::TransitGatewayRouteTable",
        properties={"TransitGatewayId": ref("Gateway"), "Tags": tags(Name="one")},
        changed={"Tags": tags(Name="two")},
        read=route_table,
        expected=[{"Name": "one"}],
        expected_after=[{"Name": "two"}],
        attributes=("TransitGatewayRouteTableId",),
        others=GATEWAY,
    ),
    Case(
        type="AWS::EC2::TransitGatewayRouteTableAssociation",
        properties=RELATION,
        read=table_association,
        expected=[True],
        others=TABLE,
    ),
    Case(
        type="AWS::EC2::TransitGatewayRouteTablePropagation",
        properties=RELATION,
        read=table_propagation,
        expected=[True],
        others=TABLE,
    ),
    Case(
        type="AWS::EC2::TransitGatewayRoute",
        properties={**RELATION, "DestinationCidrBlock": "10.99.0.0/16"},
        changed={"DestinationCidrBlock": "10.98.0.0/16"},
        read=static_route,
        expected=["10.99.0.0/16"],
        expected_after=["10.98.0.0/16"],
        replaced=True,
        others=TABLE,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_it_is_made_changed_and_taken_away(aws: LocalAws, case: Case) -> None:
    live(aws, case)


def test_a_peering_with_another_region_is_active_on_both_sides(aws: LocalAws) -> None:
    network = {"Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.5.0.0/16"}}}
    with stack(aws, OTHER_REGION, network) as peer:
        link = {
            "Type": "AWS::EC2::VPCPeeringConnection",
            "Properties": {
                "VpcId": ref("Network"),
                "PeerVpcId": peer.ids["Network"],
                "PeerRegion": OTHER_REGION,
            },
        }
        with stack(aws, REGION, {**NETWORK, "Link": link}) as ours:
            for region in (REGION, OTHER_REGION):
                assert peering(lambda name, where=region: aws.client(name, where), ours.ids["Link"]) == ["active"]  # type: ignore[misc]


def test_a_peering_of_transit_gateways_waits_for_the_other_side(aws: LocalAws) -> None:
    with stack(aws, OTHER_REGION, {"Gateway": GATEWAY["Gateway"]}) as peer:
        link = {
            "Type": "AWS::EC2::TransitGatewayPeeringAttachment",
            "Properties": {
                "TransitGatewayId": ref("Gateway"),
                "PeerTransitGatewayId": peer.ids["Gateway"],
                "PeerAccountId": aws.account,
                "PeerRegion": OTHER_REGION,
                "Tags": tags(Name="one"),
            },
        }
        ours = Stack(aws, REGION).deploy(
            {"Gateway": GATEWAY["Gateway"], "Link": link},
            {name: att("Link", name) for name in ("State", "TransitGatewayAttachmentId", "CreationTime")},
        )
        assert ours.outputs["State"] in ("pendingAcceptance", "initiatingRequest")
        there = aws.client("ec2", OTHER_REGION)
        found = there.describe_transit_gateway_peering_attachments()["TransitGatewayPeeringAttachments"]
        there.accept_transit_gateway_peering_attachment(
            TransitGatewayAttachmentId=found[0]["TransitGatewayAttachmentId"]
        )
        ours.delete()
