# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""CodePipeline; no pipeline runs."""

from __future__ import annotations

from typing import Any

from local_aws.clients import truth
from local_aws.resource_type import (
    Attributes,
    Origin,
    Properties,
    Request,
    ResourceType,
    provides,
    tag_changes,
    tag_list,
    tags_of,
)

# A template writes these values of an action as it likes, the API wants text.
_OF_ITS_OWN = ("configuration",)


@provides("AWS::CodePipeline::Pipeline")
class Pipeline(ResourceType):
    """A pipeline; ``Ref`` is its name."""

    service = "codepipeline"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        name = request.name(request.get("Name"), longest=100)
        self.api.create_pipeline(
            pipeline=self._declaration(name, request), tags=tag_list(request.tags(), "key", "value")
        )
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self.api.update_pipeline(pipeline=self._declaration(physical_id, request))
        gone, fresh = tag_changes(tags_of(old), request.tags())
        if gone:
            self.api.untag_resource(resourceArn=self._arn(physical_id), tagKeys=gone)
        if fresh:
            self.api.tag_resource(resourceArn=self._arn(physical_id), tags=tag_list(fresh, "key", "value"))

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_pipeline(name=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        version = self.api.get_pipeline(name=physical_id)["pipeline"]["version"]
        return {"Arn": self._arn(physical_id), "Version": str(version)}

    def _arn(self, name: str) -> str:
        return f"arn:aws:codepipeline:{self.region}:{self.account}:{name}"

    def _declaration(self, name: str, request: Request) -> dict[str, Any]:
        """The template's properties in the API's shape, which differ in a few names."""
        from local_aws.clients import as_shape

        shape = self.api.meta.service_model.operation_model("CreatePipeline").input_shape.members["pipeline"]
        properties = dict(request.properties)
        properties["Name"] = name
        if "ArtifactStores" in properties:
            properties["ArtifactStores"] = {
                store["Region"]: store["ArtifactStore"] for store in properties["ArtifactStores"]
            }
        properties["Stages"] = [_stage(stage) for stage in properties["Stages"]]
        declared: dict[str, Any] = as_shape(shape, properties)
        return declared


def _stage(stage: dict[str, Any]) -> dict[str, Any]:
    actions = [{**action, "Configuration": _texts(action.get("Configuration"))} for action in stage["Actions"]]
    blockers = stage.get("Blockers")
    return {**stage, "Actions": actions, "Blockers": blockers}


def _texts(configuration: dict[str, Any] | None) -> dict[str, str] | None:
    if configuration is None:
        return None
    return {
        key: str(truth(value)).lower() if isinstance(value, bool) else str(value)
        for key, value in configuration.items()
    }
