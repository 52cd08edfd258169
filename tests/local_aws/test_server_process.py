"""The server starts, says what keeps it from starting, and leaves nothing behind."""

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws import ports
from local_aws.process import LocalAws, LocalAwsError

ACCOUNT = "111122223333"
REGION = "us-west-2"
PROJECT = Path(__file__).parents[2]


@contextlib.contextmanager
def listening(address: str = "127.0.0.1") -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server((address, 0)) as holder:
        yield holder.getsockname()[1]


def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """The condition's first true value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("not within the time")


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie doesn't."""
    stated = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(stated.strip()) and not stated.startswith("Z")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line's own answer."""
    return subprocess.run(
        [sys.executable, "-m", "local_aws", *arguments],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_a_taken_port_is_refused_with_its_holder_and_a_free_one() -> None:
    with listening() as port:
        refused = command("--port", str(port))
    assert refused.returncode == 1
    assert f"Port {port} is taken by process {os.getpid()} (" in refused.stderr
    assert "Traceback" not in refused.stderr
    offered = int(refused.stderr.rsplit("--port ", 1)[1])
    assert offered != port
    ports.reserve(offered).close()


def test_a_port_taken_on_every_address_is_taken_on_loopback_too() -> None:
    with listening("0.0.0.0") as port, pytest.raises(ports.PortTakenError):
        ports.reserve(port)


def test_two_servers_that_start_at_once_never_share_a_port() -> None:
    first = ports.reserve(0)
    with first, pytest.raises(ports.PortTakenError):
        ports.reserve(first.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--port", "66000"], "no port"),
        (["--port", "http"], "no port"),
        (["--account", "12"], "12 digits"),
        (["--node-modules", "no/such/folder"], "no folder"),
        (["--custom-resource-seconds", "0"], "above 0"),
        (["--host", "0.0.0.0"], "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line_is_refused_with_the_reason(arguments: list[str], reason: str) -> None:
    refused = command(*arguments)
    assert refused.returncode == 2
    assert reason in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_owner_of_a_server_that_does_not_start_learns_why(tmp_path: Path) -> None:
    with listening() as port, pytest.raises(LocalAwsError, match=f"Port {port} is taken"):
        LocalAws(account=ACCOUNT, port=port, log_file=tmp_path / "log").start()


def test_a_server_that_is_not_ready_in_time_is_stopped(tmp_path: Path) -> None:
    late = LocalAws(account=ACCOUNT, start_seconds=0.01, log_file=tmp_path / "log")
    with pytest.raises(LocalAwsError, match=r"within 0\.01 s"):
        late.start()
    with pytest.raises(LocalAwsError, match="not running"):
        _ = late.pid


def test_it_listens_on_loopback_only(aws: LocalAws) -> None:
    port = int(aws.endpoint.rsplit(":", 1)[1])
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("no /proc here")
    found = [line.split()[1] for line in table.read_text().splitlines() if f":{port:04X} 00000000:0000 0A" in line]
    assert found == [f"0100007F:{port:04X}"]


def test_it_tells_its_health(aws: LocalAws) -> None:
    with urllib.request.urlopen(f"{aws.endpoint}/_local_aws/health", timeout=5) as answer:
        assert json.load(answer) == {"status": "ready", "endpoint": aws.endpoint, "enforces_iam": True}


def test_an_unknown_page_is_not_found(aws: LocalAws) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{aws.endpoint}/_local_aws/nothing", timeout=5)


SLEEPER = textwrap.dedent("""
    import json, os, subprocess, time
    def handler(event, context):
        child = subprocess.Popen(["sleep", "300"])
        with open(event["report"] + ".tmp", "w") as report:
            json.dump({"worker": os.getpid(), "child": child.pid, "scratch": os.environ["TMPDIR"]}, report)
        os.rename(event["report"] + ".tmp", event["report"])
        time.sleep(300)
""")


def busy_function(server: LocalAws, report: Path) -> dict[str, Any]:
    """Keep a function busy; which processes that takes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", SLEEPER)
    functions = server.client("lambda", REGION)
    functions.create_function(
        FunctionName="sleeper",
        Runtime="python3.13",
        Handler="index.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/sleeper",
        Timeout=300,
        Code={"ZipFile": packed.getvalue()},
    )
    functions.invoke(
        FunctionName="sleeper", InvocationType="Event", Payload=json.dumps({"report": str(report)}).encode()
    )
    until(report.exists)
    found: dict[str, Any] = json.loads(report.read_text())
    return found


@pytest.mark.parametrize("order", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_function_process_and_no_file_survives_the_server(order: signal.Signals, tmp_path: Path) -> None:
    with LocalAws(account=ACCOUNT, log_file=tmp_path / "log") as server:
        busy = busy_function(server, tmp_path / "report")
        assert alive(busy["worker"])
        assert alive(busy["child"])
        pid, port = server.pid, int(server.endpoint.rsplit(":", 1)[1])
        os.kill(pid, order)
        until(lambda: not alive(pid))
        until(lambda: not alive(busy["worker"]) and not alive(busy["child"]))
        until(lambda: not Path(busy["scratch"]).exists())
        ports.reserve(port).close()


def test_the_server_ends_with_its_owner(tmp_path: Path) -> None:
    program = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from local_aws.process import LocalAws
        print(LocalAws(account={ACCOUNT!r}, log_file=Path({str(tmp_path / "log")!r})).start().pid, flush=True)
        time.sleep(300)
    """)
    owner = subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout
        server = int(owner.stdout.readline())
        assert alive(server)
        owner.kill()
    until(lambda: not alive(server))


def test_stopping_twice_is_no_mistake(tmp_path: Path) -> None:
    server = LocalAws(account=ACCOUNT, log_file=tmp_path / "log").start()
    server.stop()
    server.stop()


def test_the_state_of_a_stopped_server_is_there_for_the_next(tmp_path: Path) -> None:
    options: dict[str, Any] = {"account": ACCOUNT, "state_dir": tmp_path / "state", "log_file": tmp_path / "log"}
    with LocalAws(**options) as first:
        first.client("s3", REGION).create_bucket(
            Bucket="kept", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        first.client("s3", REGION).put_object(Bucket="kept", Key="note", Body=b"kept")
    with LocalAws(**options) as second:
        assert second.client("s3", REGION).get_object(Bucket="kept", Key="note")["Body"].read() == b"kept"
