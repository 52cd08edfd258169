"""What a rotation must not do, and does not."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from rotate_secret.failures import DatabaseError, MalformedSecretError, RotationRefusedError, SecretStoreError

from tests.rotation.accounts import STEPS, UNKNOWN_VERSION, Account
from tests.rotation.secrets_manager import Version

DATABASE_STEPS = STEPS[1:]


@pytest.fixture
def foreign_server() -> Iterator[socket.socket]:
    """Another server; the tests ask whether anybody called."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener


def _pending(account: Account, **changes: object) -> str:
    """Stage a version that differs from the current one in more than its password."""
    version = account.service.start_rotation(account.secret)
    current = account.secret.versions[account.secret.with_stage("AWSCURRENT") or ""].value or ""
    document = {**json.loads(current), "password": "another password", **changes}
    account.secret.versions[version].value = json.dumps(document)
    return version


@pytest.mark.parametrize("step", STEPS)
def test_a_secret_whose_rotation_is_off_is_refused(account: Account, step: str) -> None:
    version = account.service.start_rotation(account.secret)
    account.secret.rotation_enabled = False
    before = account.snapshot()

    with pytest.raises(RotationRefusedError, match="not enabled"):
        account.step(step, version)

    assert account.snapshot() == before


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_the_secret_does_not_have_is_refused(account: Account, step: str) -> None:
    before = account.snapshot()

    with pytest.raises(RotationRefusedError, match="no stage"):
        account.step(step, UNKNOWN_VERSION)

    assert account.snapshot() == before


@pytest.mark.parametrize("step", STEPS)
def test_a_version_without_the_pending_stage_is_refused(account: Account, step: str) -> None:
    version = str(uuid.uuid4())
    account.secret.versions[version] = Version(stages={"CUSTOM"})
    before = account.snapshot()

    with pytest.raises(RotationRefusedError, match="not AWSPENDING"):
        account.step(step, version)

    assert account.snapshot() == before


def test_a_step_before_the_first_is_refused(account: Account) -> None:
    version = account.service.start_rotation(account.secret)

    with pytest.raises(RotationRefusedError, match="createSecret has not been called"):
        account.step("setSecret", version)

    assert account.accepts(account.password)


@pytest.mark.parametrize("step", DATABASE_STEPS)
def test_a_secret_is_not_redirected_to_another_server(
    account: Account, foreign_server: socket.socket, step: str
) -> None:
    version = _pending(account, port=foreign_server.getsockname()[1])
    before = account.snapshot()

    with pytest.raises(RotationRefusedError, match="another host, port or user name"):
        account.step(step, version)

    assert account.snapshot() == before
    with pytest.raises(BlockingIOError):
        foreign_server.accept()


@pytest.mark.parametrize("changes", [{"host": "localhost"}, {"username": "root"}], ids=["host", "username"])
@pytest.mark.parametrize("step", DATABASE_STEPS)
def test_a_secret_is_not_redirected_to_another_host_or_user(
    account: Account, step: str, changes: dict[str, Any]
) -> None:
    version = _pending(account, **changes)
    before = account.snapshot()

    with pytest.raises(RotationRefusedError, match="another host, port or user name"):
        account.step(step, version)

    assert account.snapshot() == before


def test_the_previous_password_of_another_account_is_not_tried(account: Account, foreign_server: socket.socket) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    document = json.loads(account.secret.versions[version].value or "")
    document["port"] = foreign_server.getsockname()[1]
    account.secret.versions["previous"] = Version(json.dumps(document), {"AWSPREVIOUS"})
    account.server.execute("ALTER USER %s@'%%' IDENTIFIED BY 'not in the secret'", account.username)

    with pytest.raises(DatabaseError, match="refused the password"):
        account.step("setSecret", version)

    with pytest.raises(BlockingIOError):
        foreign_server.accept()


def test_a_read_replica_is_refused_and_its_secret_untouched(account: Account) -> None:
    account.server.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'", account.username)
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    before = account.snapshot()

    with account.server.setting("read_only", 1), pytest.raises(DatabaseError, match="read replica"):
        account.step("setSecret", version)

    assert account.snapshot() == before
    assert account.accepts(account.password)


def test_the_secret_of_a_read_replica_is_untouched_by_the_rotation_of_its_source(account: Account) -> None:
    current = json.loads(next(iter(account.secret.versions.values())).value or "")
    replica = account.service.create({**current, "host": "replica.example", "dbInstanceIdentifier": "replica"})
    before = repr(replica)

    account.rotate()

    assert repr(replica) == before
    assert replica.arn not in {parameters.get("SecretId") for _, parameters in account.service.calls}


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("not json", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "host must be.*username must be.*password must be.*engine must be one of mariadb, mysql"),
        ('{"engine":"postgres","host":"h","username":"u","password":"hidden"}', "engine must be"),
        ('{"engine":"mysql","host":"h","username":"u","password":"hidden","port":0}', "port must be"),
        ('{"engine":"mysql","host":"h","username":"u","password":"hidden","port":true}', "port must be"),
        ('{"engine":"mysql","host":"h","username":"u","password":"hidden","port":"x"}', "port must be"),
        ('{"engine":"mysql","host":"h","username":"u","password":"hidden","dbname":7}', "dbname must be"),
        ('{"engine":"mysql","host":"h","username":"u","password":"hidden\\ud800"}', "password must be"),
    ],
)
def test_a_secret_of_another_structure_is_refused_with_every_rule_it_breaks(
    account: Account, value: str, rule: str
) -> None:
    version = account.service.start_rotation(account.secret)
    account.secret.versions[account.secret.with_stage("AWSCURRENT") or ""].value = value

    with pytest.raises(MalformedSecretError, match=rule) as refusal:
        account.step("createSecret", version)

    assert "hidden" not in str(refusal.value)


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        ({}, "SecretId must be.*ClientRequestToken must be.*Step is None, but must be one of createSecret, setSecret"),
        ({"SecretId": "s", "ClientRequestToken": "v", "Step": "dropDatabase"}, "Step is 'dropDatabase'"),
    ],
)
def test_an_event_of_another_kind_is_refused_with_every_rule_it_breaks(
    account: Account, event: dict[str, Any], rule: str
) -> None:
    with pytest.raises(RotationRefusedError, match=rule):
        account.call(event)

    assert account.service.calls == []


def test_an_unknown_secret_is_an_error_that_names_the_call(account: Account) -> None:
    account.secret.arn += "-gone"

    with pytest.raises(SecretStoreError, match=r"DescribeSecret.*ResourceNotFoundException"):
        account.step("createSecret", UNKNOWN_VERSION)
