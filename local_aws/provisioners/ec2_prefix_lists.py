# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Customer-managed prefix lists."""

from __future__ import annotations

from typing import Any

from local_aws.clients import call
from local_aws.ec2_type import Ec2Type, tagged
from local_aws.resource_type import Attributes, Properties, Request, provides


@provides("AWS::EC2::PrefixList")
class PrefixList(Ec2Type):
    """A named list of networks."""

    def create(self, request: Request) -> str:
        wanted = {**request.properties, "Tags": None}
        made = call(self.api, "CreateManagedPrefixList", wanted | tagged("prefix-list", request))
        found: str = made["PrefixList"]["PrefixListId"]
        return found

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.retag(physical_id, old, request)
        before = {entry["Cidr"]: entry.get("Description") for entry in old.get("Entries") or []}
        after = {entry["Cidr"]: entry.get("Description") for entry in request.get("Entries") or []}
        # An entry whose description changes is taken out and put in anew: the API has no other way.
        gone = [cidr for cidr in before if before[cidr] != after.get(cidr) or cidr not in after]
        fresh = [cidr for cidr in after if after[cidr] != before.get(cidr) or cidr not in before]
        if gone:
            self._modify(physical_id, {"RemoveEntries": [{"Cidr": cidr} for cidr in gone]})
        changes: dict[str, Any] = {
            name: request[name]
            for name in ("PrefixListName", "MaxEntries")
            if name in request.properties and old.get(name) != request[name]
        }
        if fresh:
            changes["AddEntries"] = [{"Cidr": cidr, "Description": after[cidr]} for cidr in fresh]
        if changes:
            self._modify(physical_id, changes)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_managed_prefix_list(PrefixListId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        found = self._describe(physical_id)
        return {
            "PrefixListId": physical_id,
            "Arn": found["PrefixListArn"],
            "OwnerId": found.get("OwnerId", self.account),
            "Version": found.get("Version", 1),
        }

    def _modify(self, physical_id: str, changes: dict[str, Any]) -> None:
        version = self._describe(physical_id).get("Version", 1)
        call(self.api, "ModifyManagedPrefixList", {"PrefixListId": physical_id, "CurrentVersion": version, **changes})

    def _describe(self, physical_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api.describe_managed_prefix_lists(PrefixListIds=[physical_id])["PrefixLists"][0]
        return found
