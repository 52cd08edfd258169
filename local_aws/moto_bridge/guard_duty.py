# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""GuardDuty; nothing is detected."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::GuardDuty::Detector")
class Detector(ResourceType):
    """The detector, of which a region has one."""

    service = "guardduty"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        made = call(self.api, "CreateDetector", {**request.properties, "Tags": request.tags()})
        detector: str = made["DetectorId"]
        return detector

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "UpdateDetector", {**request.properties, "DetectorId": physical_id})

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_detector(DetectorId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}
