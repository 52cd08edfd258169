"""Runs the default application as its hosts do, as a process of its own, and speaks TLS to it."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
REGION = "eu-west-1"
PATIENCE_SECONDS = 20.0
"""How long anything may take before a test gives up; nothing waits that long when all is well."""

_COVERAGE = {name: value for name, value in os.environ.items() if name.startswith("COV")}


def environment(**variables: str) -> dict[str, str]:
    """All that a process is given: enough to start on any free port of loopback, and to end without draining."""
    return {
        "PATH": os.environ["PATH"],
        "PORT": "0",
        "BIND_ADDRESS": "127.0.0.1",
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "DRAIN_SECONDS": "0",
        **_COVERAGE,
        **variables,
    }


class RunningApplication:
    """A process of the application that has opened its port."""

    def __init__(self, variables: Mapping[str, str], command: Sequence[str]) -> None:
        self.log: list[dict[str, Any]] = []
        self._logged = threading.Condition()
        self._process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port: int = self.wait_for("listening")["port"]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._logged:
                self.log.append(json.loads(line))
                self._logged.notify_all()
        with self._logged:
            self._logged.notify_all()

    def wait_for(self, event: str) -> dict[str, Any]:
        """The first log entry of an event, as soon as there is one."""

        def found() -> dict[str, Any] | None:
            return next((entry for entry in self.log if entry["event"] == event), None)

        with self._logged:
            if not self._logged.wait_for(
                lambda: found() is not None or self._process.poll() is not None, PATIENCE_SECONDS
            ):
                raise AssertionError(f"{event} was not logged, but {self.log}")
        entry = found()
        if entry is None:
            _, errors = self._process.communicate()
            raise AssertionError(f"the process ended before {event}: {errors}")
        return entry

    def events(self, event: str) -> list[dict[str, Any]]:
        """The log entries of an event so far."""
        with self._logged:
            return [entry for entry in self.log if entry["event"] == event]

    def signal(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Ask the process to end, as ECS and systemd do."""
        self.signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """The exit code, once the process has ended and all of its log is read."""
        code = self._process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def errors(self) -> str:
        """What an ended process wrote to standard error."""
        assert self._process.stderr is not None
        return self._process.stderr.read()

    def close(self) -> None:
        """End the process at once if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(PATIENCE_SECONDS)
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def connect(self, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """A TLS connection."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        return (context or client_context()).wrap_socket(plain, server_hostname="localhost")

    def client(self) -> http.client.HTTPSConnection:
        """A client that keeps its connection."""
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS, context=client_context())

    def request(
        self, path: str, *, method: str = "GET", body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> "Reply":
        """The response to one request on a connection of its own."""
        client = self.client()
        try:
            client.request(method, path, body, dict(headers or {}))
            response = client.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            client.close()

    def exchange(self, raw: bytes) -> list["Reply"]:
        """Send bytes on one connection, and read responses until the application closes it."""
        with self.connect() as connection:
            connection.sendall(raw)
            return read_replies(connection)


class Reply:
    """A response as it arrived."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body = body

    def json(self) -> Any:
        """The body, which is JSON."""
        return json.loads(self.body)


def read_replies(connection: socket.socket) -> list[Reply]:
    """Every response until the other side closes."""
    stream = connection.makefile("rb")
    replies = []
    while (reply := read_reply(stream)) is not None:
        replies.append(reply)
    return replies


def read_reply(stream: Any) -> Reply | None:
    """The next response in a stream, or None at its end."""
    first = stream.readline()
    if not first:
        return None
    headers = dict(http.client.parse_headers(stream).items())
    return Reply(int(first.split()[1]), headers, stream.read(int(headers.get("Content-Length", "0"))))


def client_context() -> ssl.SSLContext:
    """TLS as a load balancer speaks it to a target: encrypted, the certificate not validated."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def module_command(python: str = sys.executable) -> list[str]:
    """The command that runs the application from its source."""
    return [python, "-m", "application"]


@contextlib.contextmanager
def tcp_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback that hands each connection to ``serve`` in a thread; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def converse(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            serve(connection)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=converse, args=[connection], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


class HttpStub:
    """An HTTP server whose answers a test decides; ``requests`` holds what came, as (method, path, headers, body)."""

    def __init__(self, answer: Callable[[str, str, Mapping[str, str], bytes], tuple[int, object]]) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                headers = dict(self.headers.items())
                stub.requests.append((self.command, self.path, headers, body))
                status, content = answer(self.command, self.path, headers, body)
                payload = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                if self.command != "HEAD":
                    with contextlib.suppress(OSError):
                        self.wfile.write(payload)

            do_GET = do_HEAD = do_POST = do_PUT = _answer  # noqa: N815 - the names of the base class

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def http_stub(answer: Callable[[str, str, Mapping[str, str], bytes], tuple[int, object]]) -> Iterator[HttpStub]:
    """An HTTP server on loopback that answers with what ``answer`` returns, a text or JSON."""
    stub = HttpStub(answer)
    try:
        yield stub
    finally:
        stub.close()


def until(condition: Callable[[], bool]) -> None:
    """Return as soon as a condition that another process brings about holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError("the condition never held")
        time.sleep(0.01)
