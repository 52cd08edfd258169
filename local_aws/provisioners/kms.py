# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Replicas of multi-Region keys."""

from __future__ import annotations

from local_aws.clients import text, truth
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


@provides("AWS::KMS::ReplicaKey")
class ReplicaKey(ResourceType):
    """A replica of a multi-Region key: its own policy, its primary's key material."""

    service = "kms"

    def create(self, request: Request) -> str:
        primary = request["PrimaryKeyArn"]
        made: str = self.client("kms", primary.split(":")[3]).replicate_key(
            KeyId=primary,
            ReplicaRegion=self.region,
            Policy=text(request["KeyPolicy"]),
            Description=request.get("Description", ""),
            Tags=tag_list(request.tags(), "TagKey", "TagValue"),
        )["ReplicaKeyMetadata"]["KeyId"]
        if not truth(request.get("Enabled", True)):
            self.api.disable_key(KeyId=made)
        return made

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        if old["KeyPolicy"] != request["KeyPolicy"]:
            self.api.put_key_policy(KeyId=physical_id, PolicyName="default", Policy=text(request["KeyPolicy"]))
        if old.get("Description") != request.get("Description"):
            self.api.update_key_description(KeyId=physical_id, Description=request.get("Description", ""))
        if truth(old.get("Enabled", True)) != truth(request.get("Enabled", True)):
            switch = self.api.enable_key if truth(request.get("Enabled", True)) else self.api.disable_key
            switch(KeyId=physical_id)
        gone, fresh = tag_changes(tags_of(old), request.tags())
        if gone:
            self.api.untag_resource(KeyId=physical_id, TagKeys=gone)
        if fresh:
            self.api.tag_resource(KeyId=physical_id, Tags=tag_list(fresh, "TagKey", "TagValue"))

    def delete(self, physical_id: str, properties: Properties) -> None:
        days = int(properties.get("PendingWindowInDays", 30))
        self.api.schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=days)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        arn = self.api.describe_key(KeyId=physical_id)["KeyMetadata"]["Arn"]
        return {"KeyId": physical_id, "Arn": arn}
