# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Route 53 health checks; none of them probes anything."""

from __future__ import annotations

from typing import Any

from local_aws.clients import as_shape, call
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

_TAGS = "HealthCheckTags"
# What UpdateHealthCheck can set back to its default: https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
_RESETTABLE = {
    "FullyQualifiedDomainName": "FullyQualifiedDomainName",
    "Regions": "Regions",
    "ResourcePath": "ResourcePath",
    "ChildHealthChecks": "ChildHealthChecks",
}


@provides("AWS::Route53::HealthCheck")
class HealthCheck(ResourceType):
    """A health check, which keeps its id when it changes; its type and its interval are another health check."""

    service = "route53"

    def create(self, request: Request) -> str:
        shape = self.api.meta.service_model.operation_model("CreateHealthCheck").input_shape
        made: str = self.api.create_health_check(
            CallerReference=request.name(longest=64),
            HealthCheckConfig=as_shape(shape.members["HealthCheckConfig"], request["HealthCheckConfig"]),
        )["HealthCheck"]["Id"]
        self._retag(made, {}, request.tags(_TAGS))
        return made

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        before, after = old["HealthCheckConfig"], request["HealthCheckConfig"]
        if before != after:
            reset = [name for name in _RESETTABLE if name in before and name not in after]
            call(self.api, "UpdateHealthCheck", {"HealthCheckId": physical_id, **after, "ResetElements": reset or None})
        self._retag(physical_id, tags_of(old, _TAGS), request.tags(_TAGS))

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_health_check(HealthCheckId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"HealthCheckId": physical_id}

    def _retag(self, physical_id: str, old: dict[str, str], new: dict[str, str]) -> None:
        gone, fresh = tag_changes(old, new)
        changes: dict[str, Any] = {"RemoveTagKeys": gone, "AddTags": tag_list(fresh)}
        if gone or fresh:
            self.api.change_tags_for_resource(
                ResourceType="healthcheck",
                ResourceId=physical_id,
                **{name: value for name, value in changes.items() if value},
            )
