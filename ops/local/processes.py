"""Child processes that never outlive the command that started them, and the identity of those that may."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ops.local.errors import LocalError

_GRACE_SECONDS = 5.0
_GONE = (ProcessLookupError, PermissionError)  # macOS refuses to signal a group whose members are all zombies


class ProcessFailedError(LocalError):
    """A child ended with another exit code than 0, or did not end in time."""


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    timeout_seconds: float,
    on_line: Callable[[str], None] = lambda _line: None,
) -> None:
    """Run a command to its end; its output goes to ``log`` and, line by line, to ``on_line``.

    The child leads a process group of its own: a Ctrl-C in the terminal reaches this process alone, which
    then stops the child and all of its children.

    Raises:
        ProcessFailedError: an exit code other than 0, or more than ``timeout_seconds``.
    """
    overdue = threading.Event()
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(  # noqa: S603 - the pinned tools of this project
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as process,
    ):

        def expire() -> None:
            overdue.set()
            stop_group(process.pid)

        clock = threading.Timer(timeout_seconds, expire)
        clock.daemon = True
        clock.start()
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for line in process.stdout:
                output.write(line)
                output.flush()
                on_line(line.rstrip())
            process.wait()
        finally:
            clock.cancel()
            stop_group(process.pid)
    name = Path(command[0]).name
    if overdue.is_set():
        raise ProcessFailedError(f"`{name} {command[1]}` was stopped: it did not end within {timeout_seconds:.0f} s")
    if process.returncode:
        raise ProcessFailedError(f"`{name} {command[1]}` ended with exit code {process.returncode}")


def stop_group(leader: int) -> None:
    """End a process group: SIGTERM, and after five seconds SIGKILL to whatever is left of it."""
    for order in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(leader, order)
        except _GONE:
            return
        deadline = time.monotonic() + _GRACE_SECONDS
        while _group_lives(leader) and time.monotonic() < deadline:
            time.sleep(0.05)


def identity(pid: int) -> str | None:
    """When a process started, in the system's own words, or None when there is no such process.

    A process id is given again to another process, an id together with its start is not.
    """
    if Path("/proc/self/stat").exists():
        try:
            state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        return (
            None if state in "ZX" else fields[18]
        )  # starttime: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    answer = subprocess.run(  # noqa: S603 - no input but a number
        ["/bin/ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


@contextlib.contextmanager
def stop_signals_interrupt() -> Iterator[None]:
    """Let a polite end (SIGTERM, a closed terminal) unwind like a Ctrl-C, so that everything is cleaned up."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Finish what must not be left half done, such as stopping what was started, whatever the impatience."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _STOP_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _group_lives(leader: int) -> bool:
    """Whether anything but zombies is left of a group; a zombie's parent reaps it in its own time."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-leader, os.WNOHANG)
    try:
        os.killpg(leader, 0)
    except _GONE:
        return False
    return True
