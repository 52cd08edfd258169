"""What a run leaves for the next one to know."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ops.local import processes
from ops.local.state import BusyError, Running, State


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process that does nothing until the test is over."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child.pid


def running(pid: int) -> Running:
    return Running(
        pid=pid,
        started=processes.identity(pid) or "",
        endpoint="http://127.0.0.1:4567",
        environment="local",
        account="000000000000",
        enforce_iam=False,
    )


def test_what_was_recorded_is_read_back(state: State, bystander: int) -> None:
    state.record(running(bystander))
    assert state.running() == running(bystander)
    assert running(bystander).port == 4567


def test_a_record_of_a_process_that_ended_counts_as_nothing(state: State) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        state.record(running(child.pid))
    assert state.running() is None


def test_a_process_that_got_the_recorded_id_later_is_not_mistaken_for_it(state: State, bystander: int) -> None:
    state.record(replace(running(bystander), started="long ago"))
    assert state.running() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}', '{"unknown": 1}'])
def test_a_damaged_record_counts_as_nothing(state: State, text: str) -> None:
    (state.root / "running.json").write_text(text, encoding="utf-8")
    assert state.running() is None


def test_a_second_command_in_the_same_checkout_is_told_who_is_at_work(state: State) -> None:
    hold = (
        "import sys; from pathlib import Path; from ops.local.state import State\n"
        "with State(Path(sys.argv[1])).exclusive(): print('held', flush=True); input()\n"
    )
    command = [sys.executable, "-c", hold, str(state.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"process {holder.pid}"), state.exclusive():
            pass
        holder.kill()
    with state.exclusive():  # the system freed the lock of the killed one
        pass


def test_clearing_leaves_nothing_but_the_logs(state: State, bystander: int) -> None:
    state.record(running(bystander))
    state.assembly.mkdir()
    (state.assembly / "manifest.json").touch()
    state.shell.touch()
    state.log("deploy").touch()
    state.clear()
    assert sorted(path.name for path in state.root.iterdir()) == ["log"]
    state.forget_logs()
    assert list(state.root.iterdir()) == []
