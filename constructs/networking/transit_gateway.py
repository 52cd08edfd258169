"""A region's transit gateway, and its links to those of other regions."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from constructs.networking.region_routes import RegionRoutes


class RegionalTransitGateway(Construct):
    """The gateway, the VPC attached to it, and the VPC's routes to the other regions through it.

    ``asn`` has to differ between regions (https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering.html);
    ``destinations`` maps a region to its range. The gateway itself knows no way to other regions before
    a peering gives it one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        route_tables: Sequence[str],
        destinations: Mapping[str, str],
        asn: int,
        name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        gateway = ec2.CfnTransitGateway(
            self,
            "Gateway",
            amazon_side_asn=asn,
            description=name,
            # One route table that is ours to name, instead of a default one whose id no template can learn.
            default_route_table_association="disable",
            default_route_table_propagation="disable",
            auto_accept_shared_attachments="disable",
        )
        cdk.Tags.of(gateway).add("Name", name)
        attachment = ec2.CfnTransitGatewayAttachment(
            self,
            "Vpc",
            transit_gateway_id=gateway.attr_id,
            vpc_id=vpc.vpc_id,
            subnet_ids=vpc.select_subnets(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED).subnet_ids,
        )
        table = ec2.CfnTransitGatewayRouteTable(self, "RouteTable", transit_gateway_id=gateway.attr_id)
        association = ec2.CfnTransitGatewayRouteTableAssociation(
            self,
            "VpcAssociation",
            transit_gateway_attachment_id=attachment.attr_id,
            transit_gateway_route_table_id=table.ref,
        )
        propagation = ec2.CfnTransitGatewayRouteTablePropagation(
            self,
            "VpcPropagation",
            transit_gateway_attachment_id=attachment.attr_id,
            transit_gateway_route_table_id=table.ref,
        )
        propagation.node.add_dependency(association)
        for region, destination in destinations.items():
            routes = RegionRoutes(
                self,
                f"To-{region}",
                route_tables=route_tables,
                destination=destination,
                transit_gateway=gateway.attr_id,
            )
            routes.node.add_dependency(attachment)
        self.gateway_id = gateway.attr_id
        self.route_table_id = table.ref


class TransitGatewayPeeringRequest(Construct):
    """The end that asks for the link, and has it accepted in the peer's region, which CloudFormation cannot do."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        gateway: str,
        route_table: str,
        peer_region: str,
        peer_gateway: str,
        peer_cidr: str,
        acceptance_token: str,
        name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        attachment = ec2.CfnTransitGatewayPeeringAttachment(
            self,
            "Attachment",
            transit_gateway_id=gateway,
            peer_account_id=cdk.Stack.of(self).account,
            peer_region=peer_region,
            peer_transit_gateway_id=peer_gateway,
        )
        cdk.Tags.of(attachment).add("Name", name)
        accepted = cdk.CustomResource(
            self,
            "Acceptance",
            service_token=acceptance_token,
            resource_type="Custom::TransitGatewayPeeringAcceptance",
            properties={
                "AttachmentId": attachment.attr_transit_gateway_attachment_id,
                "PeerRegion": peer_region,
            },
        )
        # Its id is the attachment's, and exists only when the attachment can carry traffic.
        self.attachment_id = accepted.ref
        _PeeringRoute(self, "Route", route_table=route_table, attachment=self.attachment_id, peer_cidr=peer_cidr)


class TransitGatewayPeeringAnswer(Construct):
    """The other end of an accepted link, which bears the same id there."""

    def __init__(
        self, scope: Construct, construct_id: str, *, route_table: str, attachment_id: str, peer_cidr: str
    ) -> None:
        super().__init__(scope, construct_id)
        known = ssm.CfnParameter(
            self,
            "Attachment",
            type="String",
            value=attachment_id,
            description=f"The transit gateway attachment that leads to {peer_cidr}",
        )
        _PeeringRoute(self, "Route", route_table=route_table, attachment=known.attr_value, peer_cidr=peer_cidr)


class _PeeringRoute(Construct):
    """What a gateway needs to send through a link: peerings know static routes only."""

    def __init__(
        self, scope: Construct, construct_id: str, *, route_table: str, attachment: str, peer_cidr: str
    ) -> None:
        super().__init__(scope, construct_id)
        ec2.CfnTransitGatewayRouteTableAssociation(
            self,
            "Association",
            transit_gateway_attachment_id=attachment,
            transit_gateway_route_table_id=route_table,
        )
        ec2.CfnTransitGatewayRoute(
            self,
            "Route",
            transit_gateway_route_table_id=route_table,
            transit_gateway_attachment_id=attachment,
            destination_cidr_block=peer_cidr,
        )
