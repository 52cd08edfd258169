"""Services of moto that look something up in another service look it up in MiniStack, where it is."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError
from moto.applicationautoscaling import exceptions as auto_scaling_exceptions
from moto.applicationautoscaling import models as auto_scaling
from moto.codepipeline import models as code_pipeline
from moto.iam import exceptions as iam_exceptions

from local_aws.clients import Clients


def connect(clients: Clients) -> None:
    """Let them look there."""

    def ecs_service_exists(backend: Any, resource_id: str) -> bool:
        _, cluster, service = resource_id.split("/")
        ecs = clients.get("ecs", backend.region_name, backend.account_id)
        try:
            found = ecs.describe_services(cluster=cluster, services=[service])["services"]
        except ecs.exceptions.ClusterNotFoundException:
            found = []
        if not found:
            raise auto_scaling_exceptions.AWSValidationException(f"ECS service doesn't exist: {resource_id}")
        return True

    def roles(backend: Any) -> Roles:
        return Roles(clients.get("iam", backend.region_name, backend.account_id))

    scaling: Any = auto_scaling.ApplicationAutoscalingBackend
    scaling._ecs_service_exists_for_target = ecs_service_exists
    pipelines: Any = code_pipeline.CodePipelineBackend
    pipelines.iam_backend = property(roles)


class Role:
    """A role as moto's CodePipeline reads one."""

    def __init__(self, trust: dict[str, Any]) -> None:
        """``trust`` is the role's trust policy; only the services it names count here."""
        named = [statement.get("Principal", {}).get("Service", []) for statement in trust["Statement"]]
        services = [one for some in named for one in (some if isinstance(some, list) else [some])]
        statements = [{"Principal": {"Service": service}} for service in services]
        self.assume_role_policy_document = json.dumps({"Statement": statements})


class Roles:
    """The roles of an account, as far as moto's CodePipeline asks for them."""

    def __init__(self, iam: Any) -> None:
        """``iam`` is a client of the account."""
        self._iam = iam

    def get_role_by_arn(self, arn: str) -> Role:
        """The role.

        Raises:
            NotFoundException: there is none.
        """
        try:
            found = self._iam.get_role(RoleName=arn.rpartition("/")[2])
        except ClientError:
            raise iam_exceptions.NotFoundException(f"Role {arn} not found") from None
        return Role(found["Role"]["AssumeRolePolicyDocument"])
