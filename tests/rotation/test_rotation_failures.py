"""A failure in any step leaves the password in the secret working, and the next rotation succeeds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pymysql
import pytest
from pymysql.cursors import Cursor
from rotate_secret.failures import RotationError

from tests.rotation.accounts import STEPS, Account

Recovery = Callable[[Account, str], None]


def _same_rotation_again(account: Account, version: str) -> None:
    """What Secrets Manager does by itself."""
    account.run(version)


def _new_rotation(account: Account, version: str) -> None:
    """What an operator does with a rotation that is stuck."""
    account.service.abandon_rotation(account.secret)
    account.rotate()


@pytest.fixture(params=[_same_rotation_again, _new_rotation], ids=["same-rotation-again", "new-rotation"])
def recovery(request: pytest.FixtureRequest) -> Recovery:
    chosen: Recovery = request.param
    return chosen


def _assert_step_fails_harmlessly(account: Account, version: str, step: str) -> None:
    old = account.password
    with pytest.raises(RotationError):
        account.step(step, version)
    assert account.password == old
    assert account.accepts(old)


def _assert_recovers(account: Account, version: str, recovery: Recovery) -> None:
    old = account.password
    recovery(account, version)
    assert account.password != old
    assert account.accepts(account.password)
    assert not account.accepts(old)


@pytest.mark.parametrize(
    ("step", "operation", "calls_before"),
    [
        ("createSecret", "DescribeSecret", 0),
        ("createSecret", "GetSecretValue", 0),
        ("createSecret", "GetRandomPassword", 0),
        ("createSecret", "PutSecretValue", 0),
        ("setSecret", "DescribeSecret", 0),
        ("setSecret", "GetSecretValue", 0),
        ("setSecret", "GetSecretValue", 1),
        ("setSecret", "DescribeSecret", 1),
        ("testSecret", "DescribeSecret", 0),
        ("testSecret", "GetSecretValue", 0),
        ("testSecret", "GetSecretValue", 1),
        ("finishSecret", "DescribeSecret", 0),
        ("finishSecret", "GetSecretValue", 0),
        ("finishSecret", "DescribeSecret", 1),
        ("finishSecret", "DescribeSecret", 2),
        ("finishSecret", "UpdateSecretVersionStage", 0),
    ],
)
def test_a_failing_call_of_secrets_manager_does_no_harm(
    account: Account, step: str, operation: str, calls_before: int, recovery: Recovery
) -> None:
    version = account.service.start_rotation(account.secret)
    for earlier in STEPS[: STEPS.index(step)]:
        account.step(earlier, version)
    account.service.fail(operation, calls_before=calls_before)

    _assert_step_fails_harmlessly(account, version, step)
    _assert_recovers(account, version, recovery)


def test_a_password_that_the_server_refuses_does_no_harm(account: Account, recovery: Recovery) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    account.server.execute("INSTALL SONAME 'simple_password_check'")
    try:
        with account.server.setting("simple_password_check_minimal_length", 60):
            _assert_step_fails_harmlessly(account, version, "setSecret")
    finally:
        account.server.execute("UNINSTALL SONAME 'simple_password_check'")

    _assert_recovers(account, version, recovery)


@pytest.mark.parametrize("executed", [False, True], ids=["lost-on-the-way-there", "lost-on-the-way-back"])
def test_a_connection_that_breaks_at_the_change_of_the_password_does_no_harm(
    account: Account, recovery: Recovery, monkeypatch: pytest.MonkeyPatch, executed: bool
) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    execute = Cursor.execute
    broken: list[str] = []

    def break_once(cursor: Cursor, query: str, args: object = None) -> int:
        if query.startswith("ALTER USER") and not broken:
            broken.append(query)
            if executed:
                execute(cursor, query, args)
            raise pymysql.OperationalError(2013, "Lost connection to MySQL server during query")
        return execute(cursor, query, args)

    monkeypatch.setattr(Cursor, "execute", break_once)

    _assert_step_fails_harmlessly(account, version, "setSecret")
    _assert_recovers(account, version, recovery)


def test_a_new_password_that_does_not_open_the_database_is_taken_back(account: Account, recovery: Recovery) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    account.step("setSecret", version)
    account.server.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'", account.username)
    account.server.execute("GRANT CREATE USER ON *.* TO %s@'%%'", account.username)

    _assert_step_fails_harmlessly(account, version, "testSecret")

    account.server.execute("GRANT SELECT ON *.* TO %s@'%%'", account.username)
    _assert_recovers(account, version, recovery)


def test_a_rotation_is_finished_although_the_answer_got_lost(account: Account) -> None:
    version = account.service.start_rotation(account.secret)
    for step in STEPS[:3]:
        account.step(step, version)
    account.service.fail("UpdateSecretVersionStage", after_effect=True)

    account.step("finishSecret", version)

    assert account.secret.with_stage("AWSCURRENT") == version
    assert account.accepts(account.password)


def test_a_version_stored_although_the_answer_got_lost_keeps_its_password(account: Account) -> None:
    version = account.service.start_rotation(account.secret)
    account.service.fail("PutSecretValue", after_effect=True)
    with pytest.raises(RotationError):
        account.step("createSecret", version)
    stored = account.password_of(version)

    account.run(version)

    assert account.password == stored
    assert account.accepts(stored)


def test_the_stage_does_not_move_to_a_password_that_the_database_refuses(account: Account) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)

    _assert_step_fails_harmlessly(account, version, "finishSecret")

    assert account.secret.with_stage("AWSPENDING") == version


@pytest.mark.parametrize("step", STEPS[2:])
def test_a_rotation_switched_off_halfway_gives_the_current_password_back(account: Account, step: str) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    account.step("setSecret", version)
    account.secret.rotation_enabled = False

    _assert_step_fails_harmlessly(account, version, step)


def test_an_account_that_knows_no_password_of_the_secret_is_reported(account: Account) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    account.server.execute("ALTER USER %s@'%%' IDENTIFIED BY 'not in the secret'", account.username)
    before = json.dumps(str(account.snapshot()))

    with pytest.raises(RotationError, match="refused the password of"):
        account.step("setSecret", version)

    assert json.dumps(str(account.snapshot())) == before
