# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Rules of security groups that stand outside their group; nothing is filtered by them."""

from __future__ import annotations

from typing import Any, ClassVar

from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides


class SecurityGroupRule(ResourceType):
    """One rule; only its description can change."""

    service = "ec2"
    direction: ClassVar[str]
    """``ingress`` or ``egress``, as the API's operations say it."""
    peer: ClassVar[str]
    """What the other side's properties begin with."""

    def create(self, request: Request) -> str:
        authorize = getattr(self.api, f"authorize_security_group_{self.direction}")
        made = authorize(GroupId=request["GroupId"], IpPermissions=[self._permission(request.properties)])
        rule: str = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        return rule

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.api.modify_security_group_rules(
            GroupId=request["GroupId"],
            SecurityGroupRules=[
                {"SecurityGroupRuleId": physical_id, "SecurityGroupRule": self._rule(request.properties)}
            ],
        )

    def delete(self, physical_id: str, properties: Properties) -> None:
        revoke = getattr(self.api, f"revoke_security_group_{self.direction}")
        revoke(GroupId=properties["GroupId"], IpPermissions=[self._permission(properties)])

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}

    def _permission(self, properties: Properties) -> dict[str, Any]:
        described = {"Description": properties["Description"]} if properties.get("Description") else {}
        permission: dict[str, Any] = {"IpProtocol": str(properties["IpProtocol"])}
        permission |= {name: int(properties[name]) for name in ("FromPort", "ToPort") if name in properties}
        for given, many, one in (
            ("CidrIp", "IpRanges", "CidrIp"),
            ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
            (f"{self.peer}SecurityGroupId", "UserIdGroupPairs", "GroupId"),
            (f"{self.peer}PrefixListId", "PrefixListIds", "PrefixListId"),
        ):
            if properties.get(given):
                permission[many] = [{one: properties[given], **described}]
        return permission

    def _rule(self, properties: Properties) -> dict[str, Any]:
        rule: dict[str, Any] = {
            "IpProtocol": str(properties["IpProtocol"]),
            "Description": properties.get("Description", ""),
        }
        rule |= {name: int(properties[name]) for name in ("FromPort", "ToPort") if name in properties}
        for given, name in (
            ("CidrIp", "CidrIpv4"),
            ("CidrIpv6", "CidrIpv6"),
            (f"{self.peer}SecurityGroupId", "ReferencedGroupId"),
            (f"{self.peer}PrefixListId", "PrefixListId"),
        ):
            if properties.get(given):
                rule[name] = properties[given]
        return rule


@provides("AWS::EC2::SecurityGroupIngress")
class SecurityGroupIngress(SecurityGroupRule):
    """A rule for what comes in."""

    direction = "ingress"
    peer = "Source"


@provides("AWS::EC2::SecurityGroupEgress")
class SecurityGroupEgress(SecurityGroupRule):
    """A rule for what goes out."""

    direction = "egress"
    peer = "Destination"
