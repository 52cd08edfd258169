"""The way to the database: encrypted, verified, and bounded in time."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rotate_secret.credentials import Credentials
from rotate_secret.database import Database
from rotate_secret.failures import DatabaseUnreachableError, LoginRefusedError
from rotate_secret.settings import verifying_context

from tests.rotation.accounts import Account
from tests.rotation.certificates import Authority
from tests.rotation.mariadb_server import MariaDbServer


def _credentials(account: Account, **changes: object) -> Credentials:
    value = account.secret.versions[account.secret.with_stage("AWSCURRENT") or ""].value or ""
    return Credentials.from_json(json.dumps({**json.loads(value), **changes}))


@contextmanager
def _conversation(greeting: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Say one thing to the first caller and write down the answer, until the caller hangs up."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.sendall(greeting)
                while received := connection.recv(4096):
                    heard.append(received)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield listener.getsockname()[1], heard
        thread.join(10)


def test_a_verified_server_accepts_the_password(account: Account) -> None:
    with Database(verifying_context(str(account.server.ca_bundle))).log_in(_credentials(account)) as session:
        session.verify(None)


def test_a_wrong_password_is_told_from_an_unreachable_server(account: Account) -> None:
    database = Database(verifying_context(str(account.server.ca_bundle)))

    with pytest.raises(LoginRefusedError):
        database.log_in(_credentials(account, password="wrong"))


def test_a_certificate_of_another_authority_is_refused(account: Account, tmp_path: Path) -> None:
    other = Authority("another authority").write(tmp_path / "other.pem")

    with pytest.raises(DatabaseUnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        Database(verifying_context(str(other))).log_in(_credentials(account))


def test_without_a_bundle_the_authorities_of_the_system_decide(account: Account) -> None:
    with pytest.raises(DatabaseUnreachableError, match="CERTIFICATE_VERIFY_FAILED"):
        Database(verifying_context(None)).log_in(_credentials(account))


def test_a_certificate_of_another_host_is_refused(account: Account) -> None:
    with pytest.raises(DatabaseUnreachableError, match=r"[Hh]ostname mismatch"):
        Database(verifying_context(str(account.server.ca_bundle))).log_in(_credentials(account, host="localhost"))


def test_a_rotation_through_an_untrusted_server_changes_nothing(
    account: Account, function: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = account.service.start_rotation(account.secret)
    account.step("createSecret", version)
    other = Authority("another authority").write(tmp_path / "other.pem")
    monkeypatch.setattr("rotate_secret.handler.rotation._database", Database(verifying_context(str(other))))
    before = account.snapshot()

    with pytest.raises(DatabaseUnreachableError):
        account.step("setSecret", version)

    assert account.snapshot() == before


def test_a_server_that_offers_no_tls_hears_no_word(account: Account, server: MariaDbServer) -> None:
    with socket.create_connection((server.host, server.port), 10) as real:
        greeting = bytearray(real.recv(4096))
    capabilities = greeting.index(0, 5) + 1 + 4 + 8 + 1  # after version, connection id, half of the salt, filler
    greeting[capabilities + 1] &= ~0x08  # CLIENT_SSL
    database = Database(verifying_context(str(server.ca_bundle)))

    with _conversation(bytes(greeting)) as (port, heard), pytest.raises(DatabaseUnreachableError, match="SSL is req"):
        database.log_in(_credentials(account, port=port))

    assert heard == []


def test_a_server_that_does_not_listen_is_reported_with_its_address(account: Account) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]

        with pytest.raises(DatabaseUnreachableError, match=f"127.0.0.1:{port}"):
            Database(verifying_context(None)).log_in(_credentials(account, port=port))


def test_a_server_that_stays_silent_is_given_up_in_time(account: Account) -> None:
    database = Database(verifying_context(None), timeout_seconds=0.5)
    begin = time.monotonic()

    with _conversation(b"") as (port, _), pytest.raises(DatabaseUnreachableError, match="timed out"):
        database.log_in(_credentials(account, port=port))

    assert time.monotonic() - begin < 3
