# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Macie; nothing is discovered."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::Macie::Session")
class Session(ResourceType):
    """Macie's session, of which a region has one; ``Ref`` is the account."""

    service = "macie2"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        call(self.api, "EnableMacie", request.properties)
        return self.account

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        # moto has no UpdateMacieSession; enabling anew sets the same two values.
        self.api.disable_macie()
        call(self.api, "EnableMacie", request.properties)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.disable_macie()

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        session = self.api.get_macie_session()
        return {
            "AwsAccountId": physical_id,
            "ServiceRole": session.get("serviceRole", ""),
            "AutomatedDiscoveryStatus": "DISABLED",
        }
