# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Trails; a trail records the calls it is asked about, and delivers nothing."""

from __future__ import annotations

from local_aws.clients import call, truth
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


@provides("AWS::CloudTrail::Trail")
class Trail(ResourceType):
    """A trail."""

    service = "cloudtrail"

    def create(self, request: Request) -> str:
        name = request.name(request.get("TrailName"))
        call(self.api, "CreateTrail", self._wanted(name, request))
        self._follow(name, {}, request)
        if request.tags():  # MiniStack's CreateTrail takes none
            self.api.add_tags(ResourceId=self._arn(name), TagsList=tag_list(request.tags()))
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "UpdateTrail", self._wanted(physical_id, request))
        self._follow(physical_id, old, request)
        gone, fresh = tag_changes(tags_of(old), request.tags())
        arn = self._arn(physical_id)
        if gone:
            self.api.remove_tags(ResourceId=arn, TagsList=[{"Key": key} for key in gone])
        if fresh:
            self.api.add_tags(ResourceId=arn, TagsList=tag_list(fresh))

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_trail(Name=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        trail = self.api.get_trail(Name=physical_id)["Trail"]
        return {"Arn": trail["TrailARN"], "SnsTopicArn": trail.get("SnsTopicARN", "")}

    @staticmethod
    def _wanted(name: str, request: Request) -> Properties:
        return {**request.properties, "Name": name}

    def _arn(self, name: str) -> str:
        arn: str = self.api.get_trail(Name=name)["Trail"]["TrailARN"]
        return arn

    def _follow(self, name: str, old: Properties, request: Request) -> None:
        """Set what other calls than the trail's own set: selectors, and whether it logs."""
        selectors = {
            kind: request[kind]
            for kind in ("EventSelectors", "AdvancedEventSelectors")
            if request.get(kind) and request.get(kind) != old.get(kind)
        }
        if selectors:
            call(self.api, "PutEventSelectors", {"TrailName": name, **selectors})
        switch = self.api.start_logging if truth(request["IsLogging"]) else self.api.stop_logging
        switch(Name=name)
