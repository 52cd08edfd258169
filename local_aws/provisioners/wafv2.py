# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""What AWS WAF's web ACLs refer to, and what they are for; nothing is filtered."""

from __future__ import annotations

from typing import Any, ClassVar

from local_aws.clients import call
from local_aws.resource_type import (
    Attributes,
    Properties,
    Request,
    ResourceType,
    provides,
    tag_changes,
    tag_list,
    tags_of,
)


@provides("AWS::WAFv2::WebACLAssociation")
class WebAclAssociation(ResourceType):
    """Which web ACL stands before a load balancer, an API's stage or a user pool."""

    service = "wafv2"

    def create(self, request: Request) -> str:
        self.api.associate_web_acl(WebACLArn=request["WebACLArn"], ResourceArn=request["ResourceArn"])
        return f"{request['ResourceArn']}|{request['WebACLArn']}"

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        raise NotImplementedError("both properties replace the association")

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.disassociate_web_acl(ResourceArn=properties["ResourceArn"])


class WafSet(ResourceType):
    """A set or a group that rules refer to; ``Ref`` is its name, its id and its scope."""

    service = "wafv2"
    kind: ClassVar[str]
    """What the operations call it, such as ``IPSet``."""

    def create(self, request: Request) -> str:
        name = request.name(request.get("Name"), longest=128)
        wanted = {**self._wanted(request), "Name": name, "Tags": tag_list(request.tags()) or None}
        made = call(self.api, f"Create{self.kind}", wanted)
        return f"{name}|{made['Summary']['Id']}|{request['Scope']}"

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        found = self._get(physical_id)
        wanted = {**self._wanted(request), **self._key(physical_id), "LockToken": found["LockToken"]}
        call(self.api, f"Update{self.kind}", wanted)
        gone, fresh = tag_changes(tags_of(old), request.tags())
        if gone:
            self.api.untag_resource(ResourceARN=found[self.kind]["ARN"], TagKeys=gone)
        if fresh:
            self.api.tag_resource(ResourceARN=found[self.kind]["ARN"], Tags=tag_list(fresh))

    def delete(self, physical_id: str, properties: Properties) -> None:
        lock = self._get(physical_id)["LockToken"]
        call(self.api, f"Delete{self.kind}", {**self._key(physical_id), "LockToken": lock})

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Arn": self._get(physical_id)[self.kind]["ARN"], "Id": physical_id.split("|")[1]}

    @staticmethod
    def _key(physical_id: str) -> dict[str, str]:
        name, identifier, scope = physical_id.split("|")
        return {"Name": name, "Id": identifier, "Scope": scope}

    def _wanted(self, request: Request) -> dict[str, Any]:
        return {**request.properties, "Tags": None}

    def _get(self, physical_id: str) -> dict[str, Any]:
        return call(self.api, f"Get{self.kind}", self._key(physical_id))


@provides("AWS::WAFv2::IPSet")
class IpSet(WafSet):
    """A set of networks."""

    kind = "IPSet"


@provides("AWS::WAFv2::RuleGroup")
class RuleGroup(WafSet):
    """A group of rules."""

    kind = "RuleGroup"


@provides("AWS::WAFv2::RegexPatternSet")
class RegexPatternSet(WafSet):
    """A set of patterns."""

    kind = "RegexPatternSet"

    def _wanted(self, request: Request) -> dict[str, Any]:
        patterns = [{"RegexString": pattern} for pattern in request["RegularExpressionList"]]
        return {**super()._wanted(request), "RegularExpressionList": patterns}
