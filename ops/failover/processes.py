"""Regions as real processes: one HTTPS server each on loopback, started, killed and asked for real."""

import contextlib
import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from ops.failover.backends import Backend, Backends, Condition, MemorySwitch
from ops.failover.checkers import Reply

START_SECONDS = 20.0
"""How long a process may take until it answers."""
ANSWER_SECONDS = 10.0
"""How long a real answer may take. It is no part of the simulated time: a machine on loopback is not a region."""
STOP_SECONDS = 10.0
"""How long a process may take to leave after it was asked to."""
_HOST = "127.0.0.1"


class StartError(Exception):
    """A process did not come to serve. The text says which, why, and what it wrote."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """How to start the server of a region.

    In ``command`` and in the values of ``environment``, ``{port}`` and ``{region}`` stand for those of the region.
    ``ready_path`` is asked until it answers. ``trust`` is the file of the certificates to accept; without it any is,
    like a load balancer that does not validate its targets' certificates. ``directory`` is where it is started.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_path: str = "/health"
    trust: Path | None = None
    directory: Path | None = None


DEFAULT_APPLICATION = Launch(
    command=(sys.executable, "-m", "application"),
    environment={
        "PORT": "{port}",
        "BIND_ADDRESS": _HOST,
        "AWS_REGION": "{region}",
        # Its dependencies are no part of a drill: whether they work is the drill's to say.
        "DEEP_HEALTH_CHECKS": "none",
        "DRAIN_SECONDS": "0",
    },
    directory=Path(__file__).resolve().parents[2],
)
"""This project's own application."""


class ProcessBackend(Condition):
    """A region that is a process. Losing it kills the process with SIGKILL."""

    def __init__(self, region: str, launch: Launch) -> None:
        """Start the process.

        Raises:
            StartError: it did not come to serve.
        """
        super().__init__()
        self._region = region
        self._launch = launch
        self._port = _free_port()
        self._context = _context(launch.trust)
        self._process: subprocess.Popen[bytes] | None = None
        self.restore()

    def get(self, path: str) -> Reply:
        """Send a GET over a connection of its own, as a client does whose address may change any time."""
        return self.applied(path, self._asked(path))

    def lose(self) -> None:
        """Kill the process, and wait until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
            self._process = None

    def restore(self) -> None:
        """Start the process unless it runs, and wait until it serves.

        Raises:
            StartError: it did not come to serve.
        """
        if self._process is not None:
            return
        command = [self._filled(part) for part in self._launch.command]
        environment = {name: self._filled(value) for name, value in self._launch.environment.items()}
        with tempfile.TemporaryFile() as output:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - the operator's own command
                    command,
                    env=os.environ | environment,
                    cwd=self._launch.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            except OSError as error:
                raise StartError(f"{self._region}: {command[0]}: {error.strerror}") from error
            reason = self._wait()
            if reason:
                self.lose()
                output.seek(0)
                written = output.read().decode(errors="replace").strip() or "nothing"
                raise StartError(f"{self._region}: {' '.join(command)} {reason}; it wrote:\n{written}")

    def close(self) -> None:
        """Ask the process to leave, and kill it where it does not."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
            self.lose()

    def _filled(self, text: str) -> str:
        return text.replace("{port}", str(self._port)).replace("{region}", self._region)

    def _wait(self) -> str | None:
        assert self._process is not None  # noqa: S101 - just started
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                return f"left with exit code {self._process.returncode}"
            if self._asked(self._launch.ready_path).status is not None:
                return None
            time.sleep(0.05)
        return f"did not answer on {self._launch.ready_path} within {START_SECONDS:g} s"

    def _asked(self, path: str) -> Reply:
        connection = http.client.HTTPSConnection(_HOST, self._port, timeout=ANSWER_SECONDS, context=self._context)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return Reply(answer.status, 0.0, answer.read())
        except (OSError, http.client.HTTPException):
            return Reply(None)
        finally:
            connection.close()


def process_backends(regions: Iterable[str], launch: Launch) -> Backends:
    """A running process for every region; the operator's switches stay in memory.

    Raises:
        StartError: a process did not come to serve; those already started have been stopped.
    """
    started: dict[str, Backend] = {}
    with ExitStack() as stack:
        for region in regions:
            started[region] = ProcessBackend(region, launch)
            stack.callback(started[region].close)
        stack.pop_all()
    return Backends(started, {region: MemorySwitch() for region in started})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def _context(trust: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=None if trust is None else str(trust))
    # Processes are reached by address, so no name can match.
    context.check_hostname = False
    if trust is None:
        context.verify_mode = ssl.CERT_NONE
    return context
