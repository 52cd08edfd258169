"""The function that empties a vault before CloudFormation deletes it."""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from botocore.exceptions import ClientError
from empty_vault.vault import Vault, VaultNotEmptyError

from tests.lambda_context import Context


class MissingError(ClientError):
    def __init__(self) -> None:
        super().__init__({"Error": {"Code": "ResourceNotFoundException", "Message": "gone"}}, "operation")


@dataclass
class FakeBackup:
    """A vault of the given recovery points; those in ``busy`` refuse their deletion as often as they say."""

    points: list[str]
    busy: dict[str, int] = field(default_factory=dict)
    exists: bool = True
    refusal: str = "InvalidResourceStateException"
    asked: list[str] = field(default_factory=list)

    exceptions: ClassVar = SimpleNamespace(ResourceNotFoundException=MissingError)

    def get_paginator(self, operation: str) -> FakeBackup:
        assert operation == "list_recovery_points_by_backup_vault"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        assert asked == {"BackupVaultName": "vault"}
        if not self.exists:
            raise MissingError
        listed = list(self.points)
        for start in range(0, len(listed), 2):
            yield {"RecoveryPoints": [{"RecoveryPointArn": arn} for arn in listed[start : start + 2]]}

    def delete_recovery_point(self, **asked: str) -> None:
        point = asked.pop("RecoveryPointArn")
        assert asked == {"BackupVaultName": "vault"}
        self.asked.append(point)
        if point not in self.points:
            raise MissingError
        if self.busy.get(point, 0):
            self.busy[point] -= 1
            raise ClientError({"Error": {"Code": self.refusal, "Message": "no"}}, "DeleteRecoveryPoint")
        self.points.remove(point)


def vault(backup: FakeBackup, slept: list[float] | None = None) -> Vault:
    return Vault(cast("Any", backup), "vault", sleep=(slept if slept is not None else []).append)


def test_every_recovery_point_goes_over_several_pages() -> None:
    backup = FakeBackup(["a", "b", "c", "d", "e"])
    assert vault(backup).empty(time_left=lambda: 600) == 5
    assert backup.points == []


def test_an_empty_or_missing_vault_is_nothing_to_do() -> None:
    assert vault(FakeBackup([])).empty(time_left=lambda: 600) == 0
    assert vault(FakeBackup(["a"], exists=False)).empty(time_left=lambda: 600) == 0


@pytest.mark.parametrize("refusal", ["InvalidResourceStateException", "InvalidRequestException", "ConflictException"])
def test_a_recovery_point_that_is_still_being_made_is_asked_again(refusal: str) -> None:
    backup, slept = FakeBackup(["a", "b"], busy={"b": 2}, refusal=refusal), list[float]()
    assert vault(backup, slept).empty(time_left=lambda: 600) == 2
    assert backup.asked == ["a", "b", "b", "b"]
    assert slept == [5.0] * 3


def test_another_refusal_is_a_failure() -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        vault(FakeBackup(["a"], busy={"a": 1}, refusal="AccessDeniedException")).empty(time_left=lambda: 600)


def test_when_the_time_is_up_the_rest_is_named() -> None:
    left = iter([600.0, 1.0])
    with pytest.raises(VaultNotEmptyError, match="1 recovery points are left in vault"):
        vault(FakeBackup(["a", "b"], busy={"b": 99})).empty(time_left=lambda: next(left))


@dataclass
class CloudFormation:
    """Receives the answers of custom resources."""

    url: str
    answers: list[dict[str, Any]]


@pytest.fixture
def cloudformation() -> Iterator[CloudFormation]:
    received = CloudFormation("", [])

    class Receiver(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            # The address is signed without a content type.
            assert self.headers["Content-Type"] == ""
            received.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    received.url = f"http://127.0.0.1:{server.server_port}/answer"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def backup(monkeypatch: pytest.MonkeyPatch) -> FakeBackup:
    fake = FakeBackup(["a", "b"])
    monkeypatch.setattr("boto3.client", lambda service: fake)
    return fake


def request(kind: str, cloudformation: CloudFormation) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": cloudformation.url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Contents",
        "ResourceProperties": {"BackupVaultName": "vault"},
    }


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("empty_vault.vault._LOOK_AGAIN_SECONDS", 0.0)
    return importlib.import_module("empty_vault.handler").handler


@pytest.mark.parametrize(("kind", "left"), [("Create", ["a", "b"]), ("Update", ["a", "b"]), ("Delete", [])])
def test_only_the_deletion_of_the_resource_empties_the_vault(
    handler: Any, backup: FakeBackup, cloudformation: CloudFormation, kind: str, left: list[str]
) -> None:
    handler(request(kind, cloudformation), Context(milliseconds_left=900_000))
    assert backup.points == left
    (answer,) = cloudformation.answers
    assert answer == {
        "Status": "SUCCESS",
        "Reason": "done",
        "PhysicalResourceId": "vault-contents",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Contents",
    }


def test_a_failure_is_answered_with_its_reason(
    handler: Any, backup: FakeBackup, cloudformation: CloudFormation
) -> None:
    backup.busy, backup.refusal = {"b": 1}, "AccessDeniedException"
    handler(request("Delete", cloudformation), Context(milliseconds_left=900_000))
    (answer,) = cloudformation.answers
    assert answer["Status"] == "FAILED"
    assert "AccessDeniedException" in answer["Reason"]
