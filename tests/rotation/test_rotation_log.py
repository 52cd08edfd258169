"""The log says what happened, and never a password."""

from __future__ import annotations

import io
import json
import logging
import traceback
from collections.abc import Iterator

import boto3
import pymysql
import pytest
from moto import mock_aws
from pymysql.cursors import Cursor
from rotate_secret.credentials import Credentials
from rotate_secret.failures import RotationError
from rotate_secret.secret_store import SecretStore

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


def test_a_failure_that_left_the_current_password_in_place_is_the_only_error(
    account: Account, log: io.StringIO
) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    with pytest.raises(RotationError):
        account.step("testSecret", version)

    errors = [line for line in _lines(log) if line["level"] == "ERROR"]
    assert [line["message"] for line in errors] == ["The rotation step failed"]


def test_a_server_that_quotes_the_statement_does_not_give_the_password_away(
    account: Account, everything: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    execute = Cursor.execute

    def refuse(cursor: Cursor, query: str, args: object = None) -> int:
        if query.startswith("ALTER USER"):
            raise pymysql.ProgrammingError(1064, f"You have an error near '{cursor.mogrify(query, args)}'")
        return execute(cursor, query, args)

    monkeypatch.setattr(Cursor, "execute", refuse)

    with pytest.raises(RotationError, match="MySQL error 1064") as failure:
        account.step("setSecret", version)

    password = account.password_of(version)
    assert password not in everything.getvalue()
    assert password not in "".join(traceback.format_exception(failure.value))


def test_the_sdk_logs_no_secret_either(everything: io.StringIO) -> None:
    secret = Credentials.from_json('{"engine":"mysql","host":"h","username":"u","password":"do not log this"}')
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        arn = client.create_secret(Name="database", SecretString=secret.to_json())["ARN"]
        store = SecretStore(client, excluded_characters="")
        store.store_pending(arn, UNKNOWN_VERSION, secret.with_password("nor that"))
        assert store.current(arn) == secret

    for password in ("do not log this", "nor that"):
        assert password not in everything.getvalue()


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
