"""Two rotations at once end with one working password, the one in the secret."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from rotate_secret.database import LOCK_WAIT_SECONDS, TIMEOUT_SECONDS, Session
from rotate_secret.failures import RotationError

from tests.rotation.accounts import STEPS, Account

WORKERS = 3
SECONDS = 20


def _all_at_once(account: Account, versions: list[str]) -> list[BaseException | None]:
    start = threading.Barrier(len(versions), timeout=SECONDS)

    def run(version: str) -> None:
        start.wait()
        account.run(version)

    with ThreadPoolExecutor(len(versions)) as pool:
        return [future.exception(SECONDS) for future in [pool.submit(run, version) for version in versions]]


@pytest.mark.parametrize("attempt", range(5))
def test_the_same_rotation_delivered_several_times_at_once_succeeds_in_all(account: Account, attempt: int) -> None:
    version = account.service.start_rotation(account.secret)

    errors = _all_at_once(account, [version] * WORKERS)

    assert errors == [None] * WORKERS
    assert account.secret.with_stage("AWSCURRENT") == version
    assert account.accepts(account.password)


@pytest.mark.parametrize("attempt", range(5))
def test_different_rotations_at_once_leave_a_working_password(account: Account, attempt: int) -> None:
    versions = [account.service.take_over(account.secret) for _ in range(WORKERS)]

    errors = _all_at_once(account, versions)

    assert all(error is None or isinstance(error, RotationError) for error in errors)
    assert account.accepts(account.password)
    assert errors.count(None) <= 1


@pytest.mark.parametrize("steps_before", range(len(STEPS) + 1))
def test_a_rotation_that_takes_over_from_another_leaves_a_working_password(account: Account, steps_before: int) -> None:
    first = account.service.start_rotation(account.secret)
    for step in STEPS[:steps_before]:
        account.step(step, first)
    second = account.service.take_over(account.secret)

    # Where the first has changed the database already, the second finds no password of its own and fails ...
    try:
        account.run(second)
    except RotationError:
        assert STEPS[steps_before] in ("testSecret", "finishSecret")
    # ... until the first is called again, sees that it was overtaken, and takes its password back.
    if steps_before < len(STEPS):
        with pytest.raises(RotationError, match="no stage"):
            account.step(STEPS[steps_before], first)
    assert account.accepts(account.password)

    account.run(second)

    assert account.secret.with_stage("AWSCURRENT") == second
    assert account.accepts(account.password)


def test_a_failing_step_does_not_undo_a_rotation_that_has_finished_meanwhile(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = account.service.start_rotation(account.secret)
    for step in STEPS[:3]:
        account.step(step, version)
    account.service.fail("GetSecretValue", calls_before=1)
    take_lock = Session.lock

    def finish_first(session: Session) -> None:
        monkeypatch.setattr(Session, "lock", take_lock)
        account.step("finishSecret", version)
        session.lock()

    monkeypatch.setattr(Session, "lock", finish_first)

    with pytest.raises(RotationError, match="GetSecretValue"):
        account.step("testSecret", version)

    assert account.secret.with_stage("AWSCURRENT") == version
    assert account.accepts(account.password)


def test_the_wait_for_the_lock_ends_before_the_connection_times_out() -> None:
    assert LOCK_WAIT_SECONDS < TIMEOUT_SECONDS


def test_the_lock_of_a_rotation_that_hangs_is_reported(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rotate_secret.database.LOCK_WAIT_SECONDS", 0.1)
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    with account.server.administrator() as other, other.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, 0)", (f"rotate_secret:{account.username}",))

        with pytest.raises(RotationError, match=r"another rotation of .* is at work"):
            account.step("setSecret", version)

    assert account.accepts(account.password)
    account.run(version)
    assert account.accepts(account.password)
