# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""What a backup plan backs up; no job runs."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides


@provides("AWS::Backup::BackupSelection")
class BackupSelection(ResourceType):
    """A selection of a plan; ``Ref`` is its id and its plan's."""

    service = "backup"

    def create(self, request: Request) -> str:
        made = call(self.api, "CreateBackupSelection", request.properties)
        return f"{made['SelectionId']}_{made['BackupPlanId']}"

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        raise NotImplementedError("both properties replace the selection")

    def delete(self, physical_id: str, properties: Properties) -> None:
        selection, _, plan = physical_id.partition("_")
        self.api.delete_backup_selection(BackupPlanId=plan, SelectionId=selection)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        selection, _, plan = physical_id.partition("_")
        return {"Id": physical_id, "SelectionId": selection, "BackupPlanId": plan}
