# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Security Hub; nothing is checked."""

from __future__ import annotations

from local_aws.clients import truth
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::SecurityHub::Hub")
class Hub(ResourceType):
    """The hub, of which a region has one; ``Ref`` is its ARN."""

    service = "securityhub"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        self.api.enable_security_hub(
            EnableDefaultStandards=truth(request.get("EnableDefaultStandards", True)), Tags=request.tags()
        )
        arn: str = self.api.describe_hub()["HubArn"]
        return arn

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        # moto can't change a hub; what a template may change of it is read by nothing here.
        self.api.describe_hub()

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.disable_security_hub()

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"ARN": physical_id, "SubscribedAt": str(self.api.describe_hub()["SubscribedAt"])}
