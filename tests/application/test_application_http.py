"""HTTP/1.1 as it should be, and clients that break it, flood it or dawdle."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.messages import ProtocolError, parse_head
from tests.application.conftest import Start
from tests.application.harness import Reply, RunningApplication, read_reply

_GET = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
_LAST = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
_BROKEN = [
    (b"GET\r\n\r\n", 400),
    (b"GET /health\r\n\r\n", 400),
    (b"GET  /health HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"G\x00T /health HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET health HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\nC: d\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
    (b"GET /health HTTP/2.0\r\nHost: x\r\n\r\n", 505),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n", 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"PUT /items/a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 20000, 400),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 101, 431),
    (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\nContent-Length: 2\r\n\r\n{}", 417),
    (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 431),
    (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
]


def test_a_connection_carries_many_requests(application: RunningApplication) -> None:
    client = application.client()
    for _ in range(5):
        client.request("GET", "/")
        response = client.getresponse()
        assert response.status == 200
        assert response.headers["Connection"] is None
        response.read()
        assert client.sock is not None
    client.close()


def test_requests_sent_ahead_are_answered_in_order(application: RunningApplication) -> None:
    replies = application.exchange(_GET + b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + _LAST)

    assert [reply.status for reply in replies] == [200, 404, 200]
    assert [reply.headers.get("connection") for reply in replies] == [None, None, "close"]


def test_http_1_0_is_answered_once(application: RunningApplication) -> None:
    (reply,) = application.exchange(b"GET /health HTTP/1.0\r\n\r\n")

    assert reply.status == 200
    assert reply.headers["connection"] == "close"


def test_an_empty_line_before_a_request_is_tolerated(application: RunningApplication) -> None:
    assert [reply.status for reply in application.exchange(b"\r\n" + _LAST)] == [200]


@pytest.fixture(scope="module")
def refusals(application: RunningApplication) -> dict[bytes, list[Reply]]:
    """The replies to every broken request, each followed by a good one on the same connection."""
    with ThreadPoolExecutor(len(_BROKEN)) as pool:
        replies = pool.map(lambda broken: application.exchange(broken[0] + _GET), _BROKEN)
        return {raw: reply for (raw, _), reply in zip(_BROKEN, replies, strict=True)}


@pytest.mark.parametrize(("raw", "status"), _BROKEN)
def test_a_request_that_breaks_http_is_refused_and_what_follows_is_not_read_as_one(
    refusals: dict[bytes, list[Reply]], raw: bytes, status: int
) -> None:
    (reply,) = refusals[raw]

    assert reply.status == status
    assert reply.headers["connection"] == "close"
    assert set(reply.json()) == {"error"}


def test_a_client_that_breaks_off_disturbs_nobody(application: RunningApplication) -> None:
    for part in (b"", b"GET /hea", b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"):
        connection = application.connect()
        connection.sendall(part)
        connection.close()

    assert application.request("/health").status == 200
    assert application.events("request_failed") == []


@pytest.mark.parametrize(
    "raw",
    [
        b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n",
        b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\nExpect: 100-continue\r\n\r\n",
        b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n",
        b"PUT /items/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n"
        + b" " * 0x8000
        + b"\r\n8001\r\n",
    ],
)
def test_a_body_over_the_limit_is_refused_before_it_is_sent(application: RunningApplication, raw: bytes) -> None:
    (reply,) = application.exchange(raw)

    assert reply.status == 413
    assert reply.json() == {"error": "the body is longer than 65536 bytes"}


def test_a_client_that_sends_the_oversized_body_anyway_still_reads_the_refusal(
    application: RunningApplication,
) -> None:
    size = 2_000_000
    (reply,) = application.exchange(
        b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b" " * size
    )

    assert reply.status == 413


def test_a_client_that_asks_first_is_told_to_continue(application: RunningApplication) -> None:
    with application.connect() as connection, connection.makefile("rb") as stream:
        connection.sendall(
            b"PUT /items/a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
            b"Content-Length: 2\r\nConnection: close\r\n\r\n"
        )
        assert stream.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert stream.readline() == b"\r\n"
        connection.sendall(b"{}")
        reply = read_reply(stream)

    assert reply is not None
    assert reply.status == 501


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: x\r\n", 408),
        (b"PUT /items/a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{", 408),
    ],
    ids=["header", "body"],
)
def test_a_client_that_dawdles_is_told_so_and_left(start: Start, sent: bytes, status: int) -> None:
    application = start(HEADER_TIMEOUT_SECONDS="0.3", BODY_TIMEOUT_SECONDS="0.3")
    started = time.monotonic()
    (reply,) = application.exchange(sent)

    assert reply.status == status
    assert re.search("took longer than 0.3 s", reply.json()["error"])
    assert time.monotonic() - started < 5


def test_a_client_that_sends_byte_by_byte_gains_no_time(start: Start) -> None:
    application = start(HEADER_TIMEOUT_SECONDS="0.4")
    with application.connect() as connection:
        connection.settimeout(0.05)
        received = b""
        started = time.monotonic()
        while not received and time.monotonic() - started < 5:
            connection.sendall(b"G")
            try:
                received = connection.recv(1000)
            except TimeoutError:
                continue

    assert received.startswith(b"HTTP/1.1 408 ")


def test_slow_clients_do_not_keep_others_waiting(application: RunningApplication) -> None:
    slow = [application.connect() for _ in range(20)]
    for connection in slow:
        connection.sendall(b"GET / HT")

    assert application.request("/health").status == 200
    for connection in slow:
        connection.close()


def test_an_idle_connection_is_closed_without_a_word(start: Start) -> None:
    application = start(IDLE_TIMEOUT_SECONDS="0.2")
    with application.connect() as connection, connection.makefile("rb") as stream:
        connection.sendall(_GET)
        reply = read_reply(stream)
        assert reply is not None
        assert reply.status == 200
        assert stream.read() == b""


def test_connections_over_the_limit_are_refused_until_there_is_room(start: Start) -> None:
    application = start(MAX_CONNECTIONS="1")
    with application.connect() as first, first.makefile("rb") as stream:
        first.sendall(_GET)
        assert read_reply(stream) is not None
        (refused,) = application.exchange(b"")
        first.sendall(_LAST)
        assert read_reply(stream) is not None
        assert stream.read() == b""

    assert refused.status == 503
    assert refused.headers["retry-after"] == "1"
    assert application.request("/health").status == 200


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_head_makes_the_parser_fail_otherwise_than_by_refusing(raw: bytes) -> None:
    with suppress(ProtocolError):
        parse_head(raw)


@given(
    st.lists(st.sampled_from(["GET", "/", " ", "HTTP/1.1", "\r\n", "Host:", "x", "\t", ":", "a", "\n"]), max_size=20)
)
def test_a_head_that_is_accepted_has_a_method_a_path_and_a_host(parts: list[str]) -> None:
    with suppress(ProtocolError):
        head = parse_head("".join(parts).encode())
        assert head.method == "GET"
        assert head.path.startswith("/")
        assert "host" in head.fields
