# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Service-linked roles."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides


@provides("AWS::IAM::ServiceLinkedRole")
class ServiceLinkedRole(ResourceType):
    """The role a service acts in; ``Ref`` is its name."""

    service = "iam"

    def create(self, request: Request) -> str:
        made = call(self.api, "CreateServiceLinkedRole", request.properties)
        role: str = made["Role"]["RoleName"]
        if request.get("Description"):  # MiniStack gives it one of its own
            self.api.update_role(RoleName=role, Description=request["Description"])
        return role

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.api.update_role(RoleName=physical_id, Description=request.get("Description", ""))

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_service_linked_role(RoleName=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"RoleName": physical_id}
