"""The deep health check: each dependency well, ill, slow or left out."""

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket

import pytest

from application import mysql
from tests.application.conftest import Start
from tests.application.harness import PATIENCE_SECONDS, http_stub, tcp_server, until

_AWS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
_GREETING = b"\x0a8.4.3\0" + bytes(8) + b"saltsalt\0" + bytes(18) + b"moresaltmore\0caching_sha2_password\0"


def _packet(sequence: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "little") + bytes([sequence]) + payload


def _error(code: int) -> bytes:
    return b"\xff" + code.to_bytes(2, "little") + b"#08S01words"


class Database:
    """Plays a MySQL server: greets, reads the login and sends ``answers``; ``finished`` counts whole handshakes."""

    def __init__(self, *answers: bytes, greeting: bytes = _GREETING) -> None:
        self.logins: list[bytes] = []
        self.finished = 0
        self._greeting = greeting
        self._answers = answers

    def serve(self, connection: socket) -> None:
        connection.sendall(_packet(0, self._greeting))
        for number, answer in enumerate(self._answers):
            self.logins.append(connection.recv(1000))
            connection.sendall(_packet(2 * number + 2, answer))
        if self._answers:
            self.finished += 1
        connection.recv(1000)


def test_all_is_well_when_every_dependency_answers(start: Start) -> None:
    database = Database(_error(1045))
    with tcp_server(database.serve) as port, http_stub(lambda *_: (200, {})) as aws:
        reply = start(
            DATABASE_HOST="127.0.0.1",
            DATABASE_PORT=str(port),
            TABLE_NAME="Catalogue",
            BUCKET_NAME="a-bucket",
            AWS_ENDPOINT_URL=aws.url,
            **_AWS,
        ).request("/health/deep")

    assert reply.status == 200
    assert reply.json()["status"] == "healthy"
    assert reply.json()["failed"] == []
    for name in ("database", "table", "bucket"):
        assert reply.json()["dependencies"][name]["status"] == "healthy"
        assert reply.json()["dependencies"][name]["latency_ms"] >= 0
    asked = {(method, path) for method, path, _, _ in aws.requests}
    assert asked == {("POST", "/"), ("HEAD", "/a-bucket")}


def test_without_dependencies_deep_is_as_shallow(start: Start) -> None:
    assert start().request("/health/deep").status == 200


def test_what_fails_is_named_and_the_rest_is_still_checked(start: Start) -> None:
    def answer(method: str, *_: object) -> tuple[int, object]:
        code = "com.amazon.coral.service#AccessDeniedException"
        words = "User: arn:aws:sts::111111111111:assumed-role/r is not authorized"
        return (200, "") if method == "HEAD" else (400, {"__type": code, "Message": words})

    with http_stub(answer) as aws:
        reply = start(
            DATABASE_HOST="127.0.0.1",
            DATABASE_PORT="1",
            TABLE_NAME="Catalogue",
            BUCKET_NAME="a-bucket",
            AWS_ENDPOINT_URL=aws.url,
            **_AWS,
        ).request("/health/deep")

    assert reply.status == 503
    assert reply.json()["failed"] == ["database", "table"]
    assert reply.json()["dependencies"]["database"]["error"] == "no answer (ConnectionRefusedError)"
    assert reply.json()["dependencies"]["table"]["error"] == "AccessDeniedException"
    assert reply.json()["dependencies"]["bucket"]["status"] == "healthy"
    assert b"111111111111" not in reply.body


@pytest.mark.parametrize("status", [301, 403, 404, 500])
def test_a_bucket_that_refuses_is_ill(start: Start, status: int) -> None:
    with http_stub(lambda *_: (status, "")) as aws:
        reply = start(BUCKET_NAME="a-bucket", AWS_ENDPOINT_URL=aws.url, **_AWS).request("/health/deep")

    assert reply.status == 503
    assert reply.json()["dependencies"]["bucket"]["error"] == f"HTTP {status}"


def test_without_credentials_the_table_and_the_bucket_are_ill(start: Start) -> None:
    reply = start(TABLE_NAME="Catalogue", BUCKET_NAME="a-bucket").request("/health/deep")

    assert reply.json()["failed"] == ["table", "bucket"]
    assert reply.json()["dependencies"]["table"]["error"] == "no credentials"


def test_a_shared_dependency_can_be_left_out(start: Start) -> None:
    with http_stub(lambda *_: (200, {})) as aws:
        reply = start(
            DATABASE_HOST="127.0.0.1",
            DATABASE_PORT="1",
            TABLE_NAME="Catalogue",
            DEEP_HEALTH_CHECKS="table",
            AWS_ENDPOINT_URL=aws.url,
            **_AWS,
        ).request("/health/deep")

    assert reply.status == 200
    assert reply.json()["dependencies"]["database"] == {"status": "not checked"}


def test_a_silent_dependency_fails_by_its_own_timeout_and_is_not_asked_twice_at_once(start: Start) -> None:
    released = threading.Event()
    connections = []

    def stay_silent(connection: socket) -> None:
        connections.append(connection)
        released.wait(PATIENCE_SECONDS)

    with tcp_server(stay_silent) as port, http_stub(lambda *_: (200, {})) as aws:
        application = start(
            DATABASE_HOST="127.0.0.1",
            DATABASE_PORT=str(port),
            DATABASE_TIMEOUT_SECONDS="0.3",
            DEEP_HEALTH_CACHE_SECONDS="0.1",
            TABLE_NAME="Catalogue",
            AWS_ENDPOINT_URL=aws.url,
            **_AWS,
        )
        started = time.monotonic()
        reply = application.request("/health/deep")
        took = time.monotonic() - started
        released.set()

    assert reply.json()["failed"] == ["database"]
    assert "no answer" in reply.json()["dependencies"]["database"]["error"]
    assert reply.json()["dependencies"]["table"]["status"] == "healthy"
    assert took < 1.5
    assert len(connections) == 1


def test_many_who_ask_cost_the_dependency_one_look(start: Start) -> None:
    looks = []

    def answer(*_: object) -> tuple[int, object]:
        looks.append(1)
        return 200, {}

    with http_stub(answer) as aws:
        application = start(TABLE_NAME="Catalogue", DEEP_HEALTH_CACHE_SECONDS="60", AWS_ENDPOINT_URL=aws.url, **_AWS)
        with ThreadPoolExecutor(20) as pool:
            replies = list(pool.map(lambda _: application.request("/health/deep"), range(60)))

    assert {reply.status for reply in replies} == {200}
    assert len(looks) == 1


def test_recovery_and_relapse_are_seen_after_the_cache_time_and_logged(start: Start) -> None:
    status = 200
    with http_stub(lambda *_: (status, {})) as aws:
        application = start(BUCKET_NAME="a-bucket", DEEP_HEALTH_CACHE_SECONDS="0.1", AWS_ENDPOINT_URL=aws.url, **_AWS)
        assert application.request("/health/deep").status == 200
        status = 500
        until(lambda: application.request("/health/deep").status == 503)
        status = 200
        until(lambda: application.request("/health/deep").status == 200)

    until(lambda: len(application.events("deep_health_changed")) == 2)
    assert [entry["failed"] for entry in application.events("deep_health_changed")] == [["bucket"], []]
    assert [entry["level"] for entry in application.events("deep_health_changed")] == ["warning", "info"]


def test_the_table_is_asked_with_the_key_of_an_item(start: Start) -> None:
    def answer(_: str, __: str, headers: Mapping[str, str], ___: bytes) -> tuple[int, object]:
        return (200, {}) if headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem" else (400, {})

    with http_stub(answer) as aws:
        start(TABLE_NAME="Catalogue", AWS_ENDPOINT_URL=aws.url, **_AWS).request("/health/deep")

    key = json.loads(aws.requests[0][3])["Key"]
    assert set(key) == {"object", "version"}
    assert key["object"]["S"].startswith("application#")


@pytest.mark.parametrize(
    "answers",
    [
        [_error(1045)],
        [_error(3159)],
        [b"\0\0\0\x02\0\0\0"],
        [b"\xfemysql_native_password\0saltsaltsaltsaltsalt\0", _error(1045)],
        [b"\xfecaching_sha2_password\0saltsaltsaltsaltsalt\0", b"\0\0\0\x02\0\0\0"],
    ],
    ids=["refusal", "refusal without TLS", "consent", "switch and refusal", "switch and consent"],
)
def test_a_database_that_finishes_the_handshake_is_well(answers: list[bytes]) -> None:
    database = Database(*answers)
    with tcp_server(database.serve) as port:
        mysql.check("127.0.0.1", port, seconds=PATIENCE_SECONDS)
        until(lambda: database.finished == 1)

    assert b"health_check\0" in database.logins[0]


@pytest.mark.parametrize(
    ("database", "words"),
    [
        (Database(greeting=_error(1040)), "MySQL error 1040"),
        (Database(greeting=_error(1129)), "MySQL error 1129"),
        (Database(greeting=b"HTTP/1.1 400 Bad Request"), "the greeting is not MySQL's"),
        (Database(greeting=b""), "the packet is not MySQL's"),
        (Database(_error(1043)), "MySQL error 1043"),
        (Database(_error(1053)), "MySQL error 1053"),
        (Database(b"\x07"), "the handshake is not MySQL's"),
        (Database(*[b"\xfesome_plugin\0"] * 5), "the handshake is not MySQL's"),
    ],
)
def test_a_database_that_does_not_is_ill(database: Database, words: str) -> None:
    with tcp_server(database.serve) as port, pytest.raises(mysql.MysqlError, match=words):
        mysql.check("127.0.0.1", port, seconds=PATIENCE_SECONDS)


def test_a_server_that_hangs_up_or_has_no_address_is_ill() -> None:
    with tcp_server(lambda _: None) as port, pytest.raises(mysql.MysqlError, match="closed"):
        mysql.check("127.0.0.1", port, seconds=PATIENCE_SECONDS)
    with pytest.raises(mysql.MysqlError, match="the host name is not known"):
        mysql.check("a" * 64, 3306, seconds=PATIENCE_SECONDS)


@pytest.fixture
def mariadb(tmp_path: Path) -> Iterator[int]:
    server, installer = shutil.which("mariadbd"), shutil.which("mariadb-install-db")
    if not server or not installer:
        pytest.skip("MariaDB is not installed")
    common = ["--no-defaults", "--user=root", f"--datadir={tmp_path / 'data'}"]
    subprocess.run(
        [installer, *common, "--skip-test-db", "--auth-root-authentication-method=normal"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    probe = socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    process = subprocess.Popen(
        [server, *common, f"--socket={tmp_path / 's'}", "--bind-address=127.0.0.1", f"--port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any("ready for connections" in line for line in process.stderr)
    yield port
    process.terminate()
    process.communicate(timeout=30)


def test_a_real_server_is_well_although_it_refuses_the_login(mariadb: int) -> None:
    mysql.check("127.0.0.1", mariadb, seconds=PATIENCE_SECONDS)
