# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Transit gateways and what is attached to them; nothing flows through them."""

from __future__ import annotations

from typing import Any

from local_aws.clients import call
from local_aws.ec2_type import Ec2Type
from local_aws.resource_type import Attributes, Origin, Properties, Request, provides


class TransitGatewayType(Ec2Type):
    """A type around transit gateways, whose tags are set after it is made: moto looks for them elsewhere."""

    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        made = self.make(request)
        self.retag(made, {}, request)
        return made

    def make(self, request: Request) -> str:
        """Make the resource, without tags; its id."""
        raise NotImplementedError


@provides("AWS::EC2::TransitGateway")
class TransitGateway(TransitGatewayType):
    """A transit gateway."""

    def make(self, request: Request) -> str:
        wanted = {"Description": request.get("Description"), "Options": request.properties}
        gateway: str = call(self.api, "CreateTransitGateway", wanted)["TransitGateway"]["TransitGatewayId"]
        return gateway

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.retag(physical_id, old, request)
        wanted = {"Description": request.get("Description"), "Options": request.properties}
        call(self.api, "ModifyTransitGateway", {**wanted, "TransitGatewayId": physical_id})

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_transit_gateway(TransitGatewayId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        found = self.api.describe_transit_gateways(TransitGatewayIds=[physical_id])["TransitGateways"][0]
        return {
            "Id": physical_id,
            "TransitGatewayArn": found["TransitGatewayArn"],
            "EncryptionSupportState": "disabled",
        }


class NetworkAttachment(TransitGatewayType):
    """A network attached to a transit gateway."""

    def make(self, request: Request) -> str:
        made = call(self.api, "CreateTransitGatewayVpcAttachment", {**request.properties, "TagSpecifications": None})
        attachment: str = made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
        return attachment

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}

    def modify(self, physical_id: str, changes: dict[str, Any]) -> None:
        """Change the subnets or the options."""
        if any(changes.values()):
            call(
                self.api,
                "ModifyTransitGatewayVpcAttachment",
                {
                    "TransitGatewayAttachmentId": physical_id,
                    **{name: value for name, value in changes.items() if value},
                },
            )


@provides("AWS::EC2::TransitGatewayAttachment")
class TransitGatewayAttachment(NetworkAttachment):
    """An attachment whose subnets are changed by naming them all."""

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.retag(physical_id, old, request)
        before, after = old["SubnetIds"], request["SubnetIds"]
        self.modify(
            physical_id,
            {
                "AddSubnetIds": [subnet for subnet in after if subnet not in before],
                "RemoveSubnetIds": [subnet for subnet in before if subnet not in after],
                "Options": request.get("Options") if old.get("Options") != request.get("Options") else None,
            },
        )


@provides("AWS::EC2::TransitGatewayVpcAttachment")
class TransitGatewayVpcAttachment(NetworkAttachment):
    """An attachment whose subnets are changed by naming those to add and to remove."""

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.retag(physical_id, old, request)
        changed = ("AddSubnetIds", "RemoveSubnetIds", "Options")
        self.modify(physical_id, {name: request.get(name) for name in changed if old.get(name) != request.get(name)})


@provides("AWS::EC2::TransitGatewayPeeringAttachment")
class TransitGatewayPeeringAttachment(TransitGatewayType):
    """A connection between two transit gateways, which waits until the other side accepts it, as on AWS."""

    def make(self, request: Request) -> str:
        made = call(self.api, "CreateTransitGatewayPeeringAttachment", {**request.properties, "Options": None})
        attachment: str = made["TransitGatewayPeeringAttachment"]["TransitGatewayAttachmentId"]
        return attachment

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_transit_gateway_peering_attachment(TransitGatewayAttachmentId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        found = self.api.describe_transit_gateway_peering_attachments(TransitGatewayAttachmentIds=[physical_id])
        attachment = found["TransitGatewayPeeringAttachments"][0]
        return {
            "TransitGatewayAttachmentId": physical_id,
            "State": attachment["State"],
            "CreationTime": attachment["CreationTime"].isoformat(),
        }
