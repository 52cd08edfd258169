"""Children of `make local`: their output, their end, and who they are."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ops.local import processes
from ops.local.processes import ProcessFailedError

LIVES_ON = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal, time; "
    "signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(600)'], stdout=subprocess.PIPE)\n"
    "child.stdout.readline()\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)\n"
)


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.5)


def run(tmp_path: Path, code: str, *, seconds: float = 30, lines: list[str] | None = None) -> str:
    log = tmp_path / "child.log"
    on_line = (lines if lines is not None else []).append
    command = [sys.executable, "-c", code]
    processes.run(command, env=os.environ, cwd=tmp_path, log=log, timeout_seconds=seconds, on_line=on_line)
    return log.read_text(encoding="utf-8")


def ended(pid: int) -> bool:
    """Whether a process is gone, given the moment that the system may need to say so."""
    deadline = time.monotonic() + 5
    while processes.identity(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    return processes.identity(pid) is None


def test_the_output_is_in_the_log_and_handed_on_line_by_line(tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import sys; print('said'); sys.stdout.flush(); print('complained', file=sys.stderr)"
    assert run(tmp_path, code, lines=lines) == "said\ncomplained\n"
    assert lines == ["said", "complained"]


def test_an_exit_code_other_than_0_is_a_failure_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ProcessFailedError, match="exit code 3"):
        run(tmp_path, "raise SystemExit(3)")


def test_a_child_that_takes_too_long_is_stopped_with_its_own_children(tmp_path: Path) -> None:
    lines: list[str] = []
    with pytest.raises(ProcessFailedError, match="did not end within 1 s"):
        run(tmp_path, LIVES_ON, seconds=1, lines=lines)
    assert ended(int(lines[0]))


def test_an_interruption_stops_the_child_with_its_own_children(tmp_path: Path) -> None:
    lines: list[str] = []

    def interrupt(line: str) -> None:
        lines.append(line)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        processes.run(
            [sys.executable, "-c", LIVES_ON],
            env=os.environ,
            cwd=tmp_path,
            log=tmp_path / "child.log",
            timeout_seconds=30,
            on_line=interrupt,
        )
    assert ended(int(lines[0]))


def test_output_that_is_no_text_does_not_stop_the_reading(tmp_path: Path) -> None:
    lines: list[str] = []
    run(tmp_path, "import os; os.write(1, b'\\xff\\n'); os.write(1, b'after\\n')", lines=lines)
    assert lines[1] == "after"


def test_a_process_is_known_by_its_start_and_unknown_once_it_has_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        first = processes.identity(child.pid)
        assert first is not None
        assert processes.identity(child.pid) == first
        assert processes.identity(os.getpid()) != first
    assert processes.identity(child.pid) is None


def test_a_zombie_counts_as_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert processes.identity(child.pid) is None


def test_a_polite_end_unwinds_like_a_ctrl_c() -> None:
    with pytest.raises(KeyboardInterrupt), processes.stop_signals_interrupt():
        signal.raise_signal(signal.SIGTERM)


def test_cleaning_up_is_not_interrupted() -> None:
    with processes.uninterrupted():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        done = True
    assert done
