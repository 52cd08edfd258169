# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""CloudWatch Synthetics; no canary runs."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::Synthetics::Canary")
class Canary(ResourceType):
    """A canary."""

    service = "synthetics"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        self._put(request)
        name: str = request["Name"]
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(request)  # moto keeps canaries by their names

    def delete(self, physical_id: str, properties: Properties) -> None:
        from moto.synthetics.models import synthetics_backends

        # moto's Synthetics has no DeleteCanary.
        synthetics_backends[self.account][self.region].canaries.pop(physical_id, None)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        canary = self.api.get_canary(Name=physical_id)["Canary"]
        return {"Id": canary.get("Id", physical_id), "State": canary["Status"]["State"]}

    def _put(self, request: Request) -> None:
        # The template's script is text and its properties have other names than the API's; nothing runs it.
        code = {"Handler": request["Code"].get("Handler", "index.handler"), "ZipFile": b""}
        call(self.api, "CreateCanary", {**request.properties, "Code": code, "Tags": request.tags(), "VpcConfig": None})
