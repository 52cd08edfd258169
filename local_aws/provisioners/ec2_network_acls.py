# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Network ACLs, their entries, and the subnets they are for; none of them filters anything."""

from __future__ import annotations

from local_aws.clients import call, truth
from local_aws.ec2_type import Ec2Type, tagged
from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides


@provides("AWS::EC2::NetworkAcl")
class NetworkAcl(Ec2Type):
    """A network ACL."""

    def create(self, request: Request) -> str:
        made = self.api.create_network_acl(VpcId=request["VpcId"], **tagged("network-acl", request))
        acl: str = made["NetworkAcl"]["NetworkAclId"]
        return acl

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_network_acl(NetworkAclId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}


@provides("AWS::EC2::NetworkAclEntry")
class NetworkAclEntry(ResourceType):
    """An entry, which is known by its ACL, number and direction."""

    service = "ec2"

    def create(self, request: Request) -> str:
        call(self.api, "CreateNetworkAclEntry", self._wanted(request))
        return request.name()

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "ReplaceNetworkAclEntry", self._wanted(request))

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_network_acl_entry(
            NetworkAclId=properties["NetworkAclId"],
            RuleNumber=int(properties["RuleNumber"]),
            Egress=truth(properties.get("Egress", False)),
        )

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}

    @staticmethod
    def _wanted(request: Request) -> Properties:
        return {**request.properties, "Egress": request.get("Egress", False), "IcmpTypeCode": request.get("Icmp")}


@provides("AWS::EC2::SubnetNetworkAclAssociation")
class SubnetNetworkAclAssociation(ResourceType):
    """Which ACL a subnet has; without one of its own it has its network's default."""

    service = "ec2"

    def create(self, request: Request) -> str:
        return self._associate(request["SubnetId"], request["NetworkAclId"])

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        raise NotImplementedError("both properties replace the association")

    def delete(self, physical_id: str, properties: Properties) -> None:
        subnets = self.api.describe_subnets(SubnetIds=[properties["SubnetId"]])["Subnets"]
        if not self._association(properties["SubnetId"], physical_id) or not subnets:
            return
        defaults = self.api.describe_network_acls(
            Filters=[{"Name": "vpc-id", "Values": [subnets[0]["VpcId"]]}, {"Name": "default", "Values": ["true"]}]
        )["NetworkAcls"]
        if defaults:
            self._associate(properties["SubnetId"], defaults[0]["NetworkAclId"])

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"AssociationId": physical_id}

    def _associate(self, subnet: str, acl: str) -> str:
        made: str = self.api.replace_network_acl_association(AssociationId=self._association(subnet), NetworkAclId=acl)[
            "NewAssociationId"
        ]
        return made

    def _association(self, subnet: str, only: str | None = None) -> str | None:
        for acl in self.api.describe_network_acls()["NetworkAcls"]:
            for association in acl["Associations"]:
                if association["SubnetId"] == subnet and only in (None, association["NetworkAclAssociationId"]):
                    found: str = association["NetworkAclAssociationId"]
                    return found
        return None
