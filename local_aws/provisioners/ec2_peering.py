# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Connections between two networks; nothing flows through them."""

from __future__ import annotations

from local_aws.ec2_type import Ec2Type, tagged
from local_aws.resource_type import Attributes, Properties, Request, provides


@provides("AWS::EC2::VPCPeeringConnection")
class VpcPeeringConnection(Ec2Type):
    """A peering connection, also between regions; within one account CloudFormation accepts it itself."""

    def create(self, request: Request) -> str:
        owner = str(request.get("PeerOwnerId") or self.account)
        region = request.get("PeerRegion") or self.region
        made: str = self.api.create_vpc_peering_connection(
            VpcId=request["VpcId"],
            PeerVpcId=request["PeerVpcId"],
            PeerOwnerId=owner,
            PeerRegion=region,
            **tagged("vpc-peering-connection", request),
        )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
        if owner == self.account:
            self.client("ec2", region).accept_vpc_peering_connection(VpcPeeringConnectionId=made)
        return made

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_vpc_peering_connection(VpcPeeringConnectionId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}
