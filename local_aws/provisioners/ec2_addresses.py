# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Elastic IP addresses, NAT gateways and flow logs."""

from __future__ import annotations

from typing import Any

from local_aws.clients import call
from local_aws.ec2_type import Ec2Type, tagged
from local_aws.resource_type import Attributes, Properties, Request, provides


@provides("AWS::EC2::EIP")
class ElasticIp(Ec2Type):
    """An address; ``Ref`` is the address itself."""

    def create(self, request: Request) -> str:
        made = self.api.allocate_address(Domain="vpc", **tagged("elastic-ip", request))
        if request.get("InstanceId"):
            self.api.associate_address(AllocationId=made["AllocationId"], InstanceId=request["InstanceId"])
        address: str = made["PublicIp"]
        return address

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        address = self._describe(physical_id)
        self.retag(address["AllocationId"], old, request)
        if old.get("InstanceId") == request.get("InstanceId"):
            return
        if address.get("AssociationId"):
            self.api.disassociate_address(AssociationId=address["AssociationId"])
        if request.get("InstanceId"):
            self.api.associate_address(AllocationId=address["AllocationId"], InstanceId=request["InstanceId"])

    def delete(self, physical_id: str, properties: Properties) -> None:
        for address in self._addresses(physical_id):
            self.api.release_address(AllocationId=address["AllocationId"])

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"PublicIp": physical_id, "AllocationId": self._describe(physical_id)["AllocationId"]}

    def _describe(self, physical_id: str) -> dict[str, Any]:
        return self._addresses(physical_id)[0]

    def _addresses(self, physical_id: str) -> list[dict[str, Any]]:
        return [one for one in self.api.describe_addresses()["Addresses"] if one["PublicIp"] == physical_id]


@provides("AWS::EC2::NatGateway")
class NatGateway(Ec2Type):
    """A NAT gateway; nothing flows through it."""

    def create(self, request: Request) -> str:
        wanted = {**request.properties, "TagSpecifications": None, "Tags": None}
        made = call(self.api, "CreateNatGateway", wanted | tagged("natgateway", request))
        gateway: str = made["NatGateway"]["NatGatewayId"]
        return gateway

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_nat_gateway(NatGatewayId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"NatGatewayId": physical_id}


@provides("AWS::EC2::FlowLog")
class FlowLog(Ec2Type):
    """A flow log; no record is ever written."""

    def create(self, request: Request) -> str:
        wanted = {**request.properties, "ResourceIds": [request["ResourceId"]], "Tags": None}
        made = call(self.api, "CreateFlowLogs", wanted | tagged("vpc-flow-log", request))
        log: str = made["FlowLogIds"][0]
        return log

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_flow_logs(FlowLogIds=[physical_id])

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}
