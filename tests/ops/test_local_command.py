"""`python -m ops.local` from the outside: arguments, messages, interruptions, and what runs already."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ops.local import emulator, lifecycle, processes
from ops.local.__main__ import main
from ops.local.check import Check, CheckFailedError, Context
from ops.local.state import PROJECT, Running, State

SYNTHESISES_FOR_EVER = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("children", child.pid, flush=True)
time.sleep(600)
"""

# As the CDK CLI does, for an application without stacks.
SYNTHESISES_NOTHING = """
import pathlib, sys
if sys.argv[1] == "synth":
    assembly = pathlib.Path(sys.argv[sys.argv.index("--output") + 1])
    assembly.mkdir(parents=True, exist_ok=True)
    (assembly / "manifest.json").write_text('{"artifacts": {}}')
"""


@dataclass(frozen=True)
class Saying:
    """A check that does what it is told."""

    name: str
    act: Callable[[Context], str]

    def run(self, context: Context) -> str:
        return self.act(context)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Check]:
    """The checks that are run, instead of the areas'."""
    checks: list[Check] = []
    monkeypatch.setattr(lifecycle, "checks_for", lambda _: checks)
    return checks


@pytest.fixture
def left_over() -> Iterator[Running]:
    """A process in a group of its own, as a local AWS that still runs, and its record."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as process:
        yield Running(
            pid=process.pid,
            started=processes.identity(process.pid) or "",
            endpoint="http://127.0.0.1:4599",
            environment="local",
            account="000000000000",
            enforce_iam=False,
        )
        process.kill()


def ended(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while processes.identity(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    return processes.identity(pid) is None


@pytest.mark.parametrize("arguments", [[], ["sideways"], ["up", "--port", "http"], ["up", "--port", "70000"]])
def test_a_wrong_call_is_told_with_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(arguments)
    assert ending.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_environment_that_does_not_exist_is_told_before_anything_starts(
    state: State, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", "--environment", "nowhere"], state=state) == 1
    said = capsys.readouterr()
    assert "is no environment" in said.err
    assert "Start" not in said.out


def test_a_taken_port_is_told_with_its_holder_and_a_free_one(
    state: State, fake_cdk: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_cdk("")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["up", "--port", str(port)], state=state) == 1
    said = capsys.readouterr().err
    assert f"Port {port} is taken by process {os.getpid()}" in said
    assert "use the free port" in said
    assert "PORT=" in said
    assert state.running() is None


def test_stopping_nothing_is_no_mistake(state: State, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down"], state=state) == 0
    assert "No local AWS runs." in capsys.readouterr().out


def test_down_stops_what_was_kept_and_forgets_it(state: State, left_over: Running) -> None:
    state.record(replace(left_over, kept=True))
    assert main(["down"], state=state) == 0
    assert ended(left_over.pid)
    assert sorted(path.name for path in state.root.iterdir()) == ["lock", "log"]


def test_what_a_killed_run_left_over_is_stopped_before_the_next_one(
    state: State, left_over: Running, fake_cdk: Callable[[str], Path]
) -> None:
    state.record(left_over)
    fake_cdk("raise SystemExit('the synthesis fails')")
    assert main(["up", "--port", "0"], state=state) == 1
    assert ended(left_over.pid)
    assert state.running() is None


@pytest.mark.parametrize(
    ("arguments", "conflict"),
    [
        (["--environment", "dev"], "environment: it runs with local, and dev is asked for"),
        (["--port", "4600"], "port: it runs with 4599, and 4600 is asked for"),
        (["--enforce-iam"], "IAM enforcement: it runs with off, and on is asked for"),
    ],
)
def test_what_contradicts_a_kept_one_is_refused_with_the_way_out(
    state: State,
    left_over: Running,
    arguments: list[str],
    conflict: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    state.record(replace(left_over, kept=True))
    assert main(["up", *arguments], state=state) == 1
    said = capsys.readouterr().err
    assert conflict in said
    assert "make local-down" in said
    assert state.running() == replace(left_over, kept=True)


def test_a_kept_one_is_updated_and_survives_a_failure(
    state: State, left_over: Running, fake_cdk: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    state.record(replace(left_over, kept=True))
    fake_cdk("raise SystemExit('the synthesis fails')")
    assert main(["up"], state=state) == 1
    said = capsys.readouterr()
    assert "it is updated and stays" in said.out
    assert "the synthesis fails" in said.err
    assert state.running() == replace(left_over, kept=True)


def started(state: State, cdk: Path, *arguments: str) -> subprocess.Popen[str]:
    """`up` in a process of its own, with another CDK CLI, at the moment when that one runs."""
    code = f"""
        import sys
        from pathlib import Path
        from ops.local import deployment
        from ops.local.__main__ import main
        from ops.local.state import State

        deployment.CLI = Path({str(cdk)!r})
        sys.exit(main(["up", "--port", "0", *{arguments!r}], state=State(Path({str(state.root)!r}))))
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    log = state.log("synth")
    while not (log.exists() and log.read_text().endswith("\n")):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


@pytest.mark.parametrize(
    ("order", "arguments"),
    [(signal.SIGINT, ()), (signal.SIGINT, ("--keep",)), (signal.SIGTERM, ()), (signal.SIGHUP, ())],
    ids=["Ctrl-C", "Ctrl-C with --keep", "polite end", "closed terminal"],
)
def test_an_interruption_leaves_no_process_no_port_and_no_file(
    state: State, fake_cdk: Callable[[str], Path], order: signal.Signals, arguments: tuple[str, ...]
) -> None:
    with started(state, fake_cdk(SYNTHESISES_FOR_EVER), *arguments) as process:
        running = state.running()
        assert running is not None
        children = [int(word) for word in state.log("synth").read_text().split()[1:]]
        os.killpg(process.pid, order)  # as a terminal does
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Interrupted." in said
    assert all(ended(pid) for pid in (running.pid, *children))
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", running.port)) != 0
    assert sorted(path.name for path in state.root.iterdir()) == ["lock", "log"]


def test_a_killed_run_takes_the_local_aws_with_it(state: State, fake_cdk: Callable[[str], Path]) -> None:
    with started(state, fake_cdk(SYNTHESISES_FOR_EVER)) as process:
        running = state.running()
        assert running is not None
        children = [int(word) for word in state.log("synth").read_text().split()[1:]]
        process.kill()
        process.communicate(timeout=60)
    assert ended(running.pid)
    assert state.running() is None
    os.killpg(os.getpgid(children[0]), signal.SIGKILL)


def test_a_run_that_succeeds_tells_what_there_was_and_leaves_nothing(
    state: State,
    fake_cdk: Callable[[str], Path],
    shown: list[Check],
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake_cdk(SYNTHESISES_NOTHING)
    shown.append(Saying("us-east-1 works", lambda _: "it does"))
    assert main(["up", "--port", "0"], state=state) == 0
    said = capsys.readouterr().out
    for part in ("us-east-1 works: it does", "1 checks passed", "0 stacks", "Deployed and used in", "Clean up"):
        assert part in said
    assert sorted(path.name for path in state.root.iterdir()) == ["lock", "log"]


def test_a_run_that_is_kept_can_be_used_updated_and_stopped(
    state: State, fake_cdk: Callable[[str], Path], shown: list[Check], capsys: pytest.CaptureFixture[str]
) -> None:
    fake_cdk(SYNTHESISES_NOTHING)
    assert main(["up", "--port", "0", "--keep"], state=state) == 0
    running = state.running()
    assert running is not None
    assert running.kept
    assert str(state.shell) in capsys.readouterr().out
    listing = f'. {state.shell} && python -c \'import boto3; print(boto3.client("s3").list_buckets()["Buckets"])\''
    answer = subprocess.run(["/bin/sh", "-c", listing], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout == "[]\n"
    assert main(["up"], state=state) == 0
    assert "it is updated and stays" in capsys.readouterr().out
    assert state.running() == running
    assert main(["down"], state=state) == 0
    assert ended(running.pid)
    assert sorted(path.name for path in state.root.iterdir()) == ["lock", "log"]


@pytest.mark.parametrize("keep", [True, False])
def test_a_check_that_fails_is_told_with_the_log_and_stays_to_be_looked_into_if_it_was_to_be_kept(
    state: State,
    fake_cdk: Callable[[str], Path],
    shown: list[Check],
    keep: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(_context: Context) -> str:
        raise CheckFailedError("nothing arrived")

    fake_cdk(SYNTHESISES_NOTHING)
    shown.append(Saying("us-east-1 works", fail))
    assert main(["up", "--port", "0", *(["--keep"] if keep else [])], state=state) == 1
    said = capsys.readouterr().err
    for part in ("1 of 1 checks failed", "us-east-1 works: nothing arrived", str(state.log("aws"))):
        assert part in said
    assert (state.running() is not None) == keep
    assert main(["down"], state=state) == 0


def test_a_server_that_is_kept_writes_what_it_says_into_its_log(state: State) -> None:
    server, running = emulator.start(
        state, environment="local", account="000000000000", port=0, enforce_iam=False, outlives_us=True
    )
    try:
        descriptors = Path(f"/proc/{running.pid}/fd")
        if not descriptors.exists():
            pytest.skip("no /proc here")
        assert {(descriptors / number).resolve() for number in "12"} == {state.log("aws").resolve()}
    finally:
        server.stop()
