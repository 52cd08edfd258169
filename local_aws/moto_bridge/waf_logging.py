# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Where AWS WAF would log to; nothing is logged."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::WAFv2::LoggingConfiguration")
class LoggingConfiguration(ResourceType):
    """A web ACL's log; ``Ref`` is the web ACL's ARN."""

    service = "wafv2"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        call(self.api, "PutLoggingConfiguration", {"LoggingConfiguration": request.properties})
        acl: str = request["ResourceArn"]
        return acl

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "PutLoggingConfiguration", {"LoggingConfiguration": request.properties})

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_logging_configuration(ResourceArn=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"ManagedByFirewallManager": False}
