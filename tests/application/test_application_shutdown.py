"""Load, and the end of a process in the middle of it: no request is lost."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Event

import pytest

from tests.application.conftest import Start
from tests.application.harness import (
    PATIENCE_SECONDS,
    RunningApplication,
    client_context,
    http_stub,
    read_reply,
    until,
)

_CONNECTIONS = 50
_REQUESTS = 1000
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "TABLE_NAME": "Catalogue"}


class Load:
    """1,000 requests over 50 connections that are kept as long as the application keeps them.

    ``lost`` holds the requests that were sent and not answered, and those that could not be sent.
    """

    def __init__(self, port: int, *, after: Mapping[int, Callable[[], None]] | None = None) -> None:
        self.statuses: Counter[int] = Counter()
        self.lost: list[str] = []
        self.opened = 0
        self._port = port
        self._after = after or {}

    async def run(self) -> None:
        """Send every request and wait for every answer."""
        each = _REQUESTS // _CONNECTIONS
        await asyncio.wait_for(asyncio.gather(*(self._client(each) for _ in range(_CONNECTIONS))), PATIENCE_SECONDS)

    async def _client(self, requests: int) -> None:
        streams = None
        for _ in range(requests):
            try:
                if streams is None:
                    streams = await asyncio.open_connection("127.0.0.1", self._port, ssl=client_context())
                    self.opened += 1
                status, kept = await self._request(*streams)
            except (OSError, EOFError) as error:
                self.lost.append(repr(error))
                streams = None
                continue
            self.statuses[status] += 1
            if (action := self._after.get(self.statuses.total())) is not None:
                action()
            if not kept:
                streams[1].close()
                streams = None
        if streams is not None:
            streams[1].close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, bool]:
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
        await reader.readexactly(int(fields["Content-Length"]))
        return int(head.split()[1]), fields.get("Connection") != "close"


def test_a_thousand_requests_over_fifty_connections_are_all_answered(start: Start) -> None:
    application = start()
    load = Load(application.port)
    asyncio.run(load.run())

    assert load.lost == []
    assert load.statuses == {200: _REQUESTS}
    assert load.opened == _CONNECTIONS


def test_sigterm_in_the_middle_of_the_load_loses_no_request(start: Start) -> None:
    application = start(DRAIN_SECONDS="60", SHUTDOWN_SECONDS="90")
    load = Load(application.port, after={300: application.terminate})
    asyncio.run(load.run())

    assert load.lost == []
    assert load.statuses == {200: _REQUESTS}
    # Connections ended with a response, and new ones were still accepted.
    assert load.opened > _CONNECTIONS
    assert application.request("/health").status == 503

    application.terminate()
    assert application.exit_code() == 0
    assert application.errors() == ""
    assert application.wait_for("stopped")["requests_cut_off"] == 0


def test_the_health_checks_fail_as_soon_as_the_process_is_told_to_end(start: Start) -> None:
    application = start(DRAIN_SECONDS="60", SHUTDOWN_SECONDS="90")
    with application.connect() as kept, kept.makefile("rb") as stream:
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        before = read_reply(stream)
        application.terminate()
        application.wait_for("draining")
        kept.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        after = read_reply(stream)
        end = stream.read()

    assert before is not None
    assert after is not None
    assert (before.status, before.headers.get("connection")) == (200, None)
    assert (after.status, after.headers.get("connection")) == (503, "close")
    assert after.json() == {"status": "draining"}
    assert end == b""
    assert application.request("/health/deep").status == 503
    assert application.request("/").status == 200


def test_the_drain_ends_by_itself(start: Start) -> None:
    application = start(DRAIN_SECONDS="0.3", SHUTDOWN_SECONDS="10")
    started = time.monotonic()
    application.terminate()

    assert application.exit_code() == 0
    assert time.monotonic() - started >= 0.3


def test_an_idle_connection_does_not_hold_the_process_up(start: Start) -> None:
    application = start(SHUTDOWN_SECONDS="60")
    with application.connect() as idle, idle.makefile("rb") as stream:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_reply(stream) is not None
        application.terminate()
        assert application.exit_code() == 0


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_the_drain_but_not_the_request_under_way(start: Start, second: signal.Signals) -> None:
    asked, released = Event(), Event()

    def answer(*_: object) -> tuple[int, object]:
        asked.set()
        released.wait(PATIENCE_SECONDS)
        return 200, {}

    with http_stub(answer) as table:
        application = start(
            DRAIN_SECONDS="60",
            SHUTDOWN_SECONDS="90",
            ITEM_TIMEOUT_SECONDS="20",
            AWS_ENDPOINT_URL=table.url,
            **_CREDENTIALS,
        )
        with application.connect() as connection, connection.makefile("rb") as stream:
            connection.sendall(b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
            assert asked.wait(PATIENCE_SECONDS)
            application.terminate()
            application.wait_for("draining")
            application.signal(second)
            until(lambda: _refuses(application))
            released.set()
            reply = read_reply(stream)

    assert reply is not None
    assert (reply.status, reply.headers["connection"]) == (201, "close")
    assert application.exit_code() == 0


def test_a_request_that_outlives_the_deadline_is_cut_off_and_the_exit_code_says_so(start: Start) -> None:
    asked, released = Event(), Event()

    def answer(*_: object) -> tuple[int, object]:
        asked.set()
        released.wait(PATIENCE_SECONDS)
        return 200, {}

    with http_stub(answer) as table:
        application = start(
            SHUTDOWN_SECONDS="0.5", ITEM_TIMEOUT_SECONDS="20", AWS_ENDPOINT_URL=table.url, **_CREDENTIALS
        )
        with application.connect() as connection:
            connection.sendall(b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
            assert asked.wait(PATIENCE_SECONDS)
            started = time.monotonic()
            application.terminate()
            code = application.exit_code()
        released.set()

    assert code == 1
    assert time.monotonic() - started < 5
    assert application.wait_for("stopped")["requests_cut_off"] == 1


def _refuses(application: RunningApplication) -> bool:
    try:
        application.connect().close()
    except OSError:
        return True
    return False
