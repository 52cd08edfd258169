# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""EventBridge archives and the policies of event buses."""

from __future__ import annotations

import json

from local_aws.clients import call
from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides

_NO_POLICY = '{"Version": "2012-10-17", "Statement": []}'


@provides("AWS::Events::Archive")
class Archive(ResourceType):
    """An archive of a bus's events, which can be replayed."""

    service = "events"

    def create(self, request: Request) -> str:
        name = request.name(request.get("ArchiveName"), longest=48)
        wanted = {**request.properties, "ArchiveName": name, "EventSourceArn": request["SourceArn"]}
        call(self.api, "CreateArchive", wanted)
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "UpdateArchive", {**request.properties, "ArchiveName": physical_id})

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_archive(ArchiveName=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        arn = self.api.describe_archive(ArchiveName=physical_id)["ArchiveArn"]
        return {"Arn": arn, "ArchiveName": physical_id}


@provides("AWS::Events::EventBusPolicy")
class EventBusPolicy(ResourceType):
    """One statement of a bus's policy; ``Ref`` is the bus and the statement."""

    service = "events"

    def create(self, request: Request) -> str:
        self._put(request)
        return f"{request.get('EventBusName', 'default')}|{request['StatementId']}"

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        bus, _, statement = physical_id.partition("|")
        self.api.remove_permission(EventBusName=bus, StatementId=statement)

    def _put(self, request: Request) -> None:
        statement = request.get("Statement")
        if not statement:
            call(self.api, "PutPermission", request.properties)
            return
        bus = request.get("EventBusName", "default")
        policy = json.loads(self.api.describe_event_bus(Name=bus).get("Policy") or _NO_POLICY)
        others = [one for one in policy["Statement"] if one.get("Sid") != request["StatementId"]]
        policy["Statement"] = [*others, {**statement, "Sid": request["StatementId"]}]
        self.api.put_permission(EventBusName=bus, Policy=json.dumps(policy))
