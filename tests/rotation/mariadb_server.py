"""A real MariaDB server for the tests: private data, TLS only, gone with the ``with`` block."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pymysql
import pytest
from pymysql.cursors import Cursor

from tests.rotation.certificates import Authority

START_SECONDS = 30
STOP_SECONDS = 10
_PORT_ATTEMPTS = 5
_FOLDERS = "/usr/sbin:/usr/local/sbin:/usr/bin"


def find_server(environment: Mapping[str, str]) -> Path:
    """Find ``mariadbd``; without it tests are skipped on a developer's machine and fail in CI."""
    found = shutil.which("mariadbd", path=f"{environment.get('PATH', '')}:{_FOLDERS}")
    if found is not None:
        return Path(found)
    reason = "mariadbd is not installed (Debian: apt-get install mariadb-server)"
    if environment.get("CI"):
        pytest.fail(f"{reason}, and CI must not leave these tests out", pytrace=False)
    pytest.skip(reason)


@dataclass(frozen=True)
class MariaDbServer:
    """A running server on 127.0.0.1; only its address, not ``localhost``, is in its certificate."""

    port: int
    socket: Path
    ca_bundle: Path
    host: str = "127.0.0.1"

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Trust this server alone."""
        return ssl.create_default_context(cafile=str(self.ca_bundle))

    def administrator(self) -> pymysql.Connection[Cursor]:
        """Open a connection that may do everything."""
        return pymysql.connect(unix_socket=str(self.socket), ssl_disabled=True, user="root", autocommit=True)

    def execute(self, statement: str, *values: object) -> tuple[tuple[Any, ...], ...]:
        """Run one statement as the administrator."""
        with self.administrator() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    @contextmanager
    def setting(self, name: str, value: str | int) -> Iterator[None]:
        """Change a global variable for the length of a block."""
        before = self.execute(f"SELECT @@global.{name}")[0][0]
        self.execute(f"SET GLOBAL {name} = %s", value)
        try:
            yield
        finally:
            self.execute(f"SET GLOBAL {name} = %s", before)


@contextmanager
def running_server(executable: Path, authority: Authority) -> Iterator[MariaDbServer]:
    """Start a server with a certificate of the authority, and stop it whatever happens."""
    # The server refuses to run as root.
    account: dict[str, Any] = {"user": "mysql", "group": "mysql"} if os.geteuid() == 0 else {}
    # Not pytest's folder: the path of a socket is short, and the other account must reach it.
    with tempfile.TemporaryDirectory(prefix="rotation-") as name:
        folder = Path(name)
        certificate, key = authority.issue(folder, address="127.0.0.1")
        bundle = authority.write(folder / "ca.pem")
        if account:
            for path in (folder, certificate, key, bundle):
                shutil.chown(path, **account)
        data = folder / "data"
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"],
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
            **account,
        )
        options = [
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={folder / 'socket'}",
            f"--pid-file={folder / 'pid'}",
            "--bind-address=127.0.0.1",
            f"--ssl-ca={bundle}",
            f"--ssl-cert={certificate}",
            f"--ssl-key={key}",
            "--require-secure-transport=ON",
            "--skip-name-resolve",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        for _ in range(_PORT_ATTEMPTS):
            port = _free_port()
            process = subprocess.Popen(
                [*_ends_with_the_tests(), executable, *options, f"--port={port}"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                **account,
            )
            log = _Log(process)
            try:
                if log.wait_until_ready():
                    yield MariaDbServer(port=port, socket=folder / "socket", ca_bundle=bundle)
                    return
            finally:
                _stop(process)
                log.close()
            if "Can't start server: Bind on TCP/IP port" not in log.text:
                break
        pytest.fail(f"mariadbd did not start:\n{log.text}", pytrace=False)


class _Log:
    """The server's log: read to its end, because a full pipe would stop the server."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        self._stream = process.stderr
        self._lines: list[str] = []
        self._ready = False
        self._decided = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.append(line)
            if "ready for connections" in line:
                self._ready = True
                self._decided.set()
        self._decided.set()

    def wait_until_ready(self) -> bool:
        self._decided.wait(START_SECONDS)
        return self._ready

    def close(self) -> None:
        self._reader.join(STOP_SECONDS)
        self._stream.close()

    @property
    def text(self) -> str:
        return "".join(self._lines)


def _ends_with_the_tests() -> list[str]:
    """Let the kernel stop the server should the tests be killed before they can do it (Linux only)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
