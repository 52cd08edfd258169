# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Application Auto Scaling; nothing scales."""

from __future__ import annotations

from typing import Any

from local_aws.clients import call
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides


@provides("AWS::ApplicationAutoScaling::ScalableTarget")
class ScalableTarget(ResourceType):
    """What may scale; ``Ref`` is the resource, the dimension and the namespace."""

    service = "application-autoscaling"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        call(self.api, "RegisterScalableTarget", {**request.properties, "Tags": request.tags() or None})
        self._schedule({}, request)
        return "|".join(request[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        call(self.api, "RegisterScalableTarget", {**request.properties, "Tags": None})
        self._schedule(old, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        call(self.api, "DeregisterScalableTarget", properties)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}

    def _schedule(self, old: Properties, request: Request) -> None:
        """Bring the scheduled actions from what they were to what the template asks for."""
        wanted = {action["ScheduledActionName"]: action for action in request.get("ScheduledActions") or []}
        for action in old.get("ScheduledActions") or []:
            if action["ScheduledActionName"] not in wanted:
                named = {"ScheduledActionName": action["ScheduledActionName"]}
                call(self.api, "DeleteScheduledAction", {**request.properties, **named})
        for action in wanted.values():
            call(self.api, "PutScheduledAction", {**request.properties, **action})


@provides("AWS::ApplicationAutoScaling::ScalingPolicy")
class ScalingPolicy(ResourceType):
    """How a target scales; ``Ref`` is the policy's ARN."""

    service = "application-autoscaling"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        made = call(self.api, "PutScalingPolicy", self._wanted(request.properties))
        arn: str = made["PolicyARN"]
        return arn

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        made = call(self.api, "PutScalingPolicy", self._wanted(request.properties))["PolicyARN"]
        keep_arn(self.account, self.region, made, physical_id)

    def delete(self, physical_id: str, properties: Properties) -> None:
        call(self.api, "DeleteScalingPolicy", self._wanted(properties))

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Arn": physical_id}

    @staticmethod
    def _wanted(properties: Properties) -> dict[str, Any]:
        """The target is named by its three parts, or by its ``Ref``."""
        wanted = dict(properties)
        target = wanted.pop("ScalingTargetId", None)
        if target:
            wanted["ResourceId"], wanted["ScalableDimension"], wanted["ServiceNamespace"] = target.split("|")
        return wanted


def keep_arn(account: str, region: str, made: str, known: str) -> None:
    """Give a policy the ARN it had before moto made it anew, which AWS changes in place."""
    from moto.applicationautoscaling.models import applicationautoscaling_backends

    for policy in applicationautoscaling_backends[account][region].policies.values():
        if policy.policy_arn == made:
            policy.policy_arn = known
