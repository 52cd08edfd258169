"""Rotating a secret runs its function, and a rotation can be cancelled.

MiniStack's ``RotateSecret`` makes a new version of the same value and calls nothing, and ``CancelRotateSecret`` is
missing. On AWS the function is called four times, for ``createSecret``, ``setSecret``, ``testSecret`` and
``finishSecret``, while the new version is ``AWSPENDING`` and has no value until the function gives it one:
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html

What stays different: a schedule doesn't rotate by itself, and a schedule set without rotating at once isn't tried out.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from ministack.core import concurrency, responses
from ministack.core.responses import error_response_json, json_response
from ministack.services import secretsmanager

from local_aws import operations
from local_aws.clients import Clients
from local_aws.operations import Response

_STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
_LOG = logging.getLogger(__name__)


def apply(clients: Clients) -> None:
    """Repair it."""
    operations.answer("secretsmanager", lambda call: call.operation == "CancelRotateSecret", _cancel)
    secretsmanager._rotate_secret = _rotation(secretsmanager._rotate_secret, clients)
    secretsmanager._get_secret_value = _without_empty_versions(secretsmanager._get_secret_value)


def _rotation(checked_by_ministack: Callable[[dict[str, Any]], Response], clients: Clients) -> Any:
    def rotate_secret(asked: dict[str, Any]) -> Response:
        _, secret = secretsmanager._resolve(asked.get("SecretId"))
        function = asked.get("RotationLambdaARN") or (secret or {}).get("RotationLambdaARN")
        if not secret or secret.get("DeletedDate") or secretsmanager._is_replica(secret):
            return checked_by_ministack(asked)  # each of them is an error
        if not function:
            return _error("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")
        secret.update(RotationEnabled=True, RotationLambdaARN=function)
        if asked.get("RotationRules"):
            secret["RotationRules"] = asked["RotationRules"]
        answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
        if asked.get("RotateImmediately", True):
            version = asked.get("ClientRequestToken") or str(uuid.uuid4())
            secretsmanager._remove_stage_everywhere(secret, "AWSPENDING")
            secret["Versions"][version] = {
                "SecretString": None,
                "SecretBinary": None,
                "CreatedDate": int(time.time()),
                "Stages": ["AWSPENDING"],
            }
            client = clients.get("lambda", responses.get_region(), responses.get_account_id())
            concurrency.spawn_background(_run, client, function, secret["ARN"], version, thread_name="rotation")
            answer["VersionId"] = version
        done: Response = json_response(answer)
        return done

    return rotate_secret


def _run(client: Any, function: str, secret: str, version: str) -> None:
    """Call the function for each step, until one fails; then the secret stays as it was, as on AWS."""
    for step in _STEPS:
        event = {"Step": step, "SecretId": secret, "ClientRequestToken": version}
        answer = client.invoke(FunctionName=function, Payload=json.dumps(event).encode())
        if answer.get("FunctionError"):
            _LOG.warning("Rotation of %s failed in %s: %s", secret, step, answer["Payload"].read().decode())
            return


def _without_empty_versions(get: Callable[[dict[str, Any]], Response]) -> Any:
    def get_secret_value(asked: dict[str, Any]) -> Response:
        answer = get(asked)
        found = json.loads(answer[2])
        if answer[0] == 200 and "SecretString" not in found and "SecretBinary" not in found:
            return _error(
                "ResourceNotFoundException",
                f"Secrets Manager can't find the specified secret value for VersionId: {found['VersionId']}",
            )
        return answer

    return get_secret_value


async def _cancel(_: str, __: str, ___: dict[str, str], body: bytes, ____: dict[str, Any]) -> Response:
    _, secret = secretsmanager._resolve(json.loads(body).get("SecretId"))
    if not secret:
        return _error("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
    secret["RotationEnabled"] = False
    answer = {"ARN": secret["ARN"], "Name": secret["Name"]}
    pending, _ = secretsmanager._find_stage_version(secret, "AWSPENDING")
    if pending:
        answer["VersionId"] = pending
    done: Response = json_response(answer)
    return done


def _error(code: str, message: str) -> Response:
    answer: Response = error_response_json(code, message, 400)
    return answer
