# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""How transit gateways route; nothing is routed."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.moto_bridge.transit_gateways import TransitGatewayType
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::EC2::TransitGatewayRouteTable")
class TransitGatewayRouteTable(TransitGatewayType):
    """A route table."""

    def make(self, request: Request) -> str:
        made = self.api.create_transit_gateway_route_table(TransitGatewayId=request["TransitGatewayId"])
        table: str = made["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
        return table

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_transit_gateway_route_table(TransitGatewayRouteTableId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"TransitGatewayRouteTableId": physical_id}


class Routing(ResourceType):
    """A relation of a route table, all of whose properties replace it."""

    service = "ec2"
    origin = Origin.MOTO
    made_by: str
    undone_by: str
    identity: tuple[str, str] = ("TransitGatewayRouteTableId", "TransitGatewayAttachmentId")

    def create(self, request: Request) -> str:
        call(self.api, self.made_by, request.properties)
        return "|".join(request[name] for name in self.identity)

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        raise NotImplementedError("every property replaces it")

    def delete(self, physical_id: str, properties: Properties) -> None:
        call(self.api, self.undone_by, properties)


@provides("AWS::EC2::TransitGatewayRouteTableAssociation")
class TransitGatewayRouteTableAssociation(Routing):
    """Which table an attachment looks its routes up in."""

    made_by = "AssociateTransitGatewayRouteTable"
    undone_by = "DisassociateTransitGatewayRouteTable"


@provides("AWS::EC2::TransitGatewayRouteTablePropagation")
class TransitGatewayRouteTablePropagation(Routing):
    """Which table learns the networks of an attachment."""

    made_by = "EnableTransitGatewayRouteTablePropagation"
    undone_by = "DisableTransitGatewayRouteTablePropagation"


@provides("AWS::EC2::TransitGatewayRoute")
class TransitGatewayRoute(Routing):
    """A static route; ``Ref`` is its table and its destination."""

    made_by = "CreateTransitGatewayRoute"
    undone_by = "DeleteTransitGatewayRoute"
    identity = ("TransitGatewayRouteTableId", "DestinationCidrBlock")
