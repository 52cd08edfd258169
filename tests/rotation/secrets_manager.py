"""Secrets Manager as its API reference describes versions and stages, answering a real boto3 client in-process.

moto would let a version's value be overwritten, starts a second rotation beside an unfinished one, and keeps no order
between threads: the very rules that a rotation leans on. One test runs the steps against moto all the same.
"""

from __future__ import annotations

import json
import secrets
import string
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


class ApiError(Exception):
    """An error answer of the service."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass
class Version:
    """One version of a secret; a rotation starts with a version without value."""

    value: str | None = None
    stages: set[str] = field(default_factory=set)


@dataclass
class Secret:
    """A secret and whether it rotates."""

    arn: str
    versions: dict[str, Version]
    rotation_enabled: bool | None = True

    def with_stage(self, stage: str) -> str | None:
        return next((name for name, version in self.versions.items() if stage in version.stages), None)


@dataclass
class Fault:
    """One failing call, either instead of its effect or after it (the answer gets lost)."""

    operation: str
    calls_before: int
    after_effect: bool


class SecretsManager:
    """The service. ``calls`` lists every operation with its parameters, in order."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._secrets: dict[str, Secret] = {}
        self._faults: list[Fault] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.next_password: str | None = None

    def attach(self, client: SecretsManagerClient) -> None:
        """Answer this client's calls instead of the network; boto3 still validates what it sends."""
        # The stubs type handlers as if botocore did not use what they return.
        handler: Callable[..., Any] = self._answer
        client.meta.events.register("before-call.secrets-manager", handler, unique_id="service")

    def detach(self, client: SecretsManagerClient) -> None:
        client.meta.events.unregister("before-call.secrets-manager", unique_id="service")

    def create(self, value: Mapping[str, object], *, rotation_enabled: bool | None = True) -> Secret:
        arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:database-{uuid.uuid4()}"
        first = Version(value=json.dumps(value), stages={"AWSCURRENT"})
        self._secrets[arn] = Secret(arn, {str(uuid.uuid4()): first}, rotation_enabled)
        return self._secrets[arn]

    def start_rotation(self, secret: Secret) -> str:
        """RotateSecret, without calling the function: returns the new version's id."""
        with self._lock:
            pending = secret.with_stage("AWSPENDING")
            if pending is not None and "AWSCURRENT" not in secret.versions[pending].stages:
                raise ApiError("InvalidRequestException", "A previous rotation isn't complete.")
            return self.take_over(secret)

    def take_over(self, secret: Secret) -> str:
        """Move AWSPENDING to a new version in the middle of another rotation, as an operator can."""
        with self._lock:
            self._take_stage(secret, "AWSPENDING")
            version = str(uuid.uuid4())
            secret.versions[version] = Version(stages={"AWSPENDING"})
            return version

    def abandon_rotation(self, secret: Secret) -> None:
        """Remove AWSPENDING, AWS's advice for a rotation that is stuck."""
        with self._lock:
            self._take_stage(secret, "AWSPENDING")

    def fail(self, operation: str, *, calls_before: int = 0, after_effect: bool = False) -> None:
        """Let one call of the operation fail, after some that succeed."""
        self._faults.append(Fault(operation, calls_before, after_effect))

    def _answer(self, model: Any, params: Mapping[str, Any], **_: object) -> tuple[Any, dict[str, Any]]:
        parameters = json.loads(params["body"])
        operation: Callable[[dict[str, Any]], dict[str, Any]] = getattr(self, f"_{model.name}")
        try:
            with self._lock:
                self.calls.append((model.name, parameters))
                fault = self._due_fault(model.name)
                if fault is not None and not fault.after_effect:
                    raise ApiError("InternalServiceError", "An error occurred on the server side.", 500)
                answer = operation(parameters)
                if fault is not None:
                    raise ApiError("InternalServiceError", "An error occurred on the server side.", 500)
        except ApiError as error:
            return SimpleNamespace(status_code=error.status), {
                "Error": {"Code": error.code, "Message": str(error)},
                "ResponseMetadata": {"HTTPStatusCode": error.status},
            }
        return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def _due_fault(self, operation: str) -> Fault | None:
        for fault in self._faults:
            if fault.operation == operation:
                if fault.calls_before == 0:
                    self._faults.remove(fault)
                    return fault
                fault.calls_before -= 1
        return None

    def _secret(self, parameters: dict[str, Any]) -> Secret:
        try:
            return self._secrets[parameters["SecretId"]]
        except KeyError:
            raise ApiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.") from None

    @staticmethod
    def _take_stage(secret: Secret, stage: str) -> None:
        for version in secret.versions.values():
            version.stages.discard(stage)

    def _DescribeSecret(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        secret = self._secret(parameters)
        answer: dict[str, Any] = {
            "ARN": secret.arn,
            # A version without stages is deprecated and not listed.
            "VersionIdsToStages": {
                name: sorted(version.stages) for name, version in secret.versions.items() if version.stages
            },
        }
        if secret.rotation_enabled is not None:
            answer["RotationEnabled"] = secret.rotation_enabled
        return answer

    def _GetSecretValue(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        secret = self._secret(parameters)
        name = parameters.get("VersionId") or secret.with_stage(parameters.get("VersionStage", "AWSCURRENT"))
        version = secret.versions.get(name or "")
        if name is None or version is None or version.value is None:
            raise ApiError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value.")
        if parameters.get("VersionStage", next(iter(version.stages), None)) not in {*version.stages, None}:
            raise ApiError("InvalidRequestException", "The VersionStage is not associated to the provided VersionId.")
        return {"ARN": secret.arn, "VersionId": name, "SecretString": version.value}

    def _PutSecretValue(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        secret = self._secret(parameters)
        name = parameters["ClientRequestToken"]
        version = secret.versions.setdefault(name, Version())
        if version.value not in (None, parameters["SecretString"]):
            raise ApiError("ResourceExistsException", "The token is already in use for a version of the secret.")
        version.value = parameters["SecretString"]
        for stage in parameters["VersionStages"]:
            self._take_stage(secret, stage)
            version.stages.add(stage)
        return {"ARN": secret.arn, "VersionId": name}

    def _UpdateSecretVersionStage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        secret = self._secret(parameters)
        stage, target = parameters["VersionStage"], parameters["MoveToVersionId"]
        holder = secret.with_stage(stage)
        if holder != parameters.get("RemoveFromVersionId"):
            raise ApiError("InvalidParameterException", f"The label {stage} is attached to another version.")
        if target not in secret.versions:
            raise ApiError("InvalidParameterException", "Not a valid version.")
        self._take_stage(secret, stage)
        secret.versions[target].stages.add(stage)
        if stage == "AWSCURRENT" and holder is not None:
            self._take_stage(secret, "AWSPREVIOUS")
            secret.versions[holder].stages.add("AWSPREVIOUS")
            # "which also removes the AWSPENDING label in the same API call" (user guide, finishSecret)
            secret.versions[target].stages.discard("AWSPENDING")
        return {"ARN": secret.arn}

    def _GetRandomPassword(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.next_password is not None:
            return {"RandomPassword": self.next_password}
        excluded = set(parameters.get("ExcludeCharacters", ""))
        kinds = [
            [character for character in kind if character not in excluded]
            for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits, string.punctuation)
        ]
        characters = [secrets.choice(kind) for kind in kinds]
        everything = [character for kind in kinds for character in kind]
        characters += [secrets.choice(everything) for _ in range(parameters["PasswordLength"] - len(characters))]
        secrets.SystemRandom().shuffle(characters)
        return {"RandomPassword": "".join(characters)}
