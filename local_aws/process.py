"""The server as a child process that other programs start, use and stop."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import re
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local_aws.clients import Clients
from local_aws.environment import client_environment, without_aws
from local_aws.settings import Settings

_READY = re.compile(r"ready at (http://\S+)")
_TAIL_LINES = 20
_STOP_SECONDS = 20.0
_ANSWER_SECONDS = 10.0
_PACKAGE = Path(__file__).resolve().parent


class LocalAwsError(Exception):
    """The server didn't start; the text says why, with the end of its log."""


class LocalAws:
    """A server of one's own, running between ``start`` and ``stop``, or inside a ``with`` block.

    Attributes:
        endpoint: where it answers, once started.
        account: the account of :meth:`client` and :meth:`environment`.
        pid: the server's process id, once started; it leads a process group and a session of its own.
        log_file: its log in full.
    """

    def __init__(
        self,
        *,
        account: str,
        port: int = 0,
        enforce_iam: bool = False,
        state_dir: Path | None = None,
        log_file: Path | None = None,
        node_modules: Path | None = None,
        outlives_owner: bool = False,
        start_seconds: float = 60.0,
        settings: Settings | None = None,
        base: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare a server; nothing runs yet.

        Args:
            account: 12 digits.
            port: where to listen; 0 for a free port.
            enforce_iam: evaluate IAM policies instead of allowing everything.
            state_dir: keep the state there for the next start.
            log_file: a temporary file if left out.
            node_modules: packages for functions written for Node.
            outlives_owner: leave it running when this process ends without having stopped it.
            start_seconds: how long it may take to get ready.
            settings: everything else the server can be told; the arguments above win.
            base: the environment to start the server with; the current process's if left out.
        """
        if log_file is None:
            with tempfile.NamedTemporaryFile(prefix="local-aws-", suffix=".log", delete=False) as made:
                log_file = Path(made.name)
        self.account = account
        self.log_file = log_file
        self._start_seconds = start_seconds
        self._base = base
        self._settings = replace(
            settings or Settings(),
            account=account,
            port=port,
            enforce_iam=enforce_iam,
            state_dir=state_dir,
            log_file=log_file,
            node_modules=node_modules,
            stop_with_stdin=not outlives_owner,
        )
        self._process: subprocess.Popen[str] | None = None
        self._endpoint = ""
        self._clients: Clients | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the server and return once it answers.

        Raises:
            LocalAwsError: it ended, or didn't get ready in time; a taken port is named with its holder.
        """
        environment = without_aws(self._environment_base())
        # The folder above this package, so that it is found from wherever this process was started.
        environment["PYTHONPATH"] = ":".join(filter(None, [str(_PACKAGE.parent), environment.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
            [sys.executable, "-m", "local_aws", *self._settings.arguments()],
            env=environment,
            stdin=subprocess.PIPE if self._settings.stop_with_stdin else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # a Ctrl-C in the terminal is its owner's business
        )
        said: queue.SimpleQueue[str] = queue.SimpleQueue()
        complaints: list[str] = []
        threading.Thread(target=_first_line, args=(self._process.stdout, said), daemon=True).start()
        reader = threading.Thread(target=complaints.extend, args=(self._process.stderr,), daemon=True)
        reader.start()
        try:
            ready = _READY.search(said.get(timeout=self._start_seconds))
        except queue.Empty:
            self.stop()
            raise LocalAwsError(
                f"The local AWS didn't get ready within {self._start_seconds:g} s.{self._log_tail()}"
            ) from None
        except BaseException:  # a Ctrl-C while waiting, above all
            self.stop()
            raise
        if not ready:
            code = self._process.wait()
            reader.join(timeout=1)
            reason = "".join(complaints).strip() or f"exit code {code}.{self._log_tail()}"
            self.stop()
            raise LocalAwsError(f"The local AWS didn't start: {reason}")
        self._endpoint = ready.group(1)
        return self

    def stop(self) -> None:
        """End the server and every function process; nothing happens if it has ended already."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()  # its function processes end with it all the same
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    @property
    def endpoint(self) -> str:
        """Where the server answers, such as ``http://127.0.0.1:4566``."""
        if not self._endpoint:
            raise LocalAwsError("The local AWS was not started.")
        return self._endpoint

    @property
    def pid(self) -> int:
        """The server's process id."""
        if self._process is None:
            raise LocalAwsError("The local AWS is not running.")
        return self._process.pid

    def environment(self, region: str) -> dict[str, str]:
        """The environment for a command that is to use this server; see :func:`client_environment`."""
        return client_environment(self.endpoint, self.account, region, self._base)

    def client(self, service: str, region: str) -> Any:
        """A boto3 client of this server, made once per service and region; it knows no other credentials."""
        if self._clients is None or self._clients.endpoint != self.endpoint:
            self._clients = Clients(self.endpoint)
        return self._clients.get(service, region, self.account)

    def resources(self) -> dict[str, Any]:
        """What stands behind each CloudFormation type: the server's ``/_local_aws/resources``."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.endpoint}/_local_aws/resources", timeout=_ANSWER_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def _environment_base(self) -> dict[str, str]:
        return dict(os.environ if self._base is None else self._base)

    def _log_tail(self) -> str:
        try:
            lines = self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return ""
        return "".join(f"\n  {line}" for line in [f"The end of {self.log_file}:", *lines[-_TAIL_LINES:]])


def _first_line(stream: Any, said: queue.SimpleQueue[str]) -> None:
    """Hand over the first line; empty when the stream ends without one."""
    said.put(stream.readline())
