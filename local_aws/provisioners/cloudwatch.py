# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Composite alarms."""

from __future__ import annotations

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


@provides("AWS::CloudWatch::CompositeAlarm")
class CompositeAlarm(ResourceType):
    """An alarm over other alarms; it is evaluated when one of them changes."""

    service = "cloudwatch"

    def create(self, request: Request) -> str:
        name = request.name(request.get("AlarmName"), longest=255)
        call(self.api, "PutCompositeAlarm", {**request.properties, "AlarmName": name, "Tags": tag_list(request.tags())})
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "PutCompositeAlarm", {**request.properties, "AlarmName": physical_id, "Tags": None})
        gone, fresh = tag_changes(tags_of(old), request.tags())
        if gone:
            self.api.untag_resource(ResourceARN=self._arn(physical_id), TagKeys=gone)
        if fresh:
            self.api.tag_resource(ResourceARN=self._arn(physical_id), Tags=tag_list(fresh))

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_alarms(AlarmNames=[physical_id])

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Arn": self._arn(physical_id)}

    def _arn(self, name: str) -> str:
        return f"arn:aws:cloudwatch:{self.region}:{self.account}:alarm:{name}"
