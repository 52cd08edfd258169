# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Rotation schedules and resource policies of secrets."""

from __future__ import annotations

from typing import Any

from local_aws.clients import text, truth
from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides


@provides("AWS::SecretsManager::RotationSchedule")
class RotationSchedule(ResourceType):
    """When a secret rotates, and by which function; ``Ref`` is the secret's ARN."""

    service = "secretsmanager"

    def create(self, request: Request) -> str:
        self._put(request)
        secret: str = request["SecretId"]
        return secret

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.cancel_rotate_secret(SecretId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}

    def _put(self, request: Request) -> None:
        rules: dict[str, Any] = dict(request.get("RotationRules") or {})
        if "AutomaticallyAfterDays" in rules:
            rules["AutomaticallyAfterDays"] = int(rules["AutomaticallyAfterDays"])
        wanted: dict[str, Any] = {
            "SecretId": request["SecretId"],
            "RotationRules": rules,
            "RotateImmediately": truth(request.get("RotateImmediatelyOnUpdate", True)),
        }
        hosted = request.get("HostedRotationLambda")
        if hosted:
            # AWS's transform would make this function from a template of its own, and nothing here expands it: the
            # schedule is kept with the name the function would have, and no rotation is tried.
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-secretsmanager.html
            name = hosted.get("RotationLambdaName") or f"SecretsManager{hosted['RotationType']}"
            wanted["RotationLambdaARN"] = f"arn:aws:lambda:{self.region}:{self.account}:function:{name}"
            wanted["RotateImmediately"] = False
        elif request.get("RotationLambdaARN"):
            wanted["RotationLambdaARN"] = request["RotationLambdaARN"]
        self.api.rotate_secret(**wanted)


@provides("AWS::SecretsManager::ResourcePolicy")
class ResourcePolicy(ResourceType):
    """A secret's resource policy; ``Ref`` is the secret's ARN."""

    service = "secretsmanager"

    def create(self, request: Request) -> str:
        self._put(request)
        secret: str = request["SecretId"]
        return secret

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_resource_policy(SecretId=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        return {"Id": physical_id}

    def _put(self, request: Request) -> None:
        self.api.put_resource_policy(
            SecretId=request["SecretId"],
            ResourcePolicy=text(request["ResourcePolicy"]),
            BlockPublicPolicy=truth(request.get("BlockPublicPolicy", False)),
        )
