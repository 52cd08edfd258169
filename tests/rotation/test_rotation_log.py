"""The log says what happened, and never a password."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Iterator

import pytest
from rotate_secret.failures import RotationError

from tests.rotation.accounts import STEPS, UNKNOWN_VERSION, Account


@pytest.fixture
def everything(log: io.StringIO) -> Iterator[io.StringIO]:
    """Every line of every library, as Lambda writes it at log level DEBUG."""
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield log
    root.setLevel(level)
    root.removeHandler(handler)


def _lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_line_names_step_secret_and_version(account: Account, log: io.StringIO) -> None:
    version = account.rotate()

    lines = _lines(log)
    assert [line["Step"] for line in lines] == list(STEPS)
    assert {line["SecretId"] for line in lines} == {account.secret.arn}
    assert {line["ClientRequestToken"] for line in lines} == {version}


def test_a_failed_step_is_logged_as_an_error_with_its_reason(account: Account, log: io.StringIO) -> None:
    with pytest.raises(RotationError):
        account.step("setSecret", UNKNOWN_VERSION)

    assert [(line["level"], line["reason"]) for line in _lines(log)] == [
        ("ERROR", "the version has no stage of the secret")
    ]


def test_no_password_is_logged_even_when_everything_is(account: Account, everything: io.StringIO) -> None:
    account.service.next_password = "the'second\\password"
    passwords = [account.password, account.service.next_password]
    texts: list[str] = []

    def run(version: str) -> None:
        try:
            account.run(version)
        except RotationError as failure:
            texts.append("".join(traceback.format_exception(failure)) + repr(failure))

    version = account.service.start_rotation(account.secret)
    for operation in ("PutSecretValue", "UpdateSecretVersionStage"):
        account.service.fail(operation)
        run(version)
    with account.server.setting("read_only", 1):
        account.server.execute("REVOKE ALL PRIVILEGES, GRANT OPTION FROM %s@'%%'", account.username)
        run(version)
    account.server.execute("ALTER USER %s@'%%' IDENTIFIED BY 'not in the secret'", account.username)
    run(version)
    texts.append(everything.getvalue())

    assert len(texts) == 5
    for text in texts:
        for password in passwords:
            assert password not in text
            assert json.dumps(password)[1:-1] not in text
