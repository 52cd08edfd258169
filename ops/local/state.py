"""What `make local` keeps in `.local/`, so that the next run, whatever became of this one, knows where it stands."""

import contextlib
import dataclasses
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.local import processes
from ops.local.errors import LocalError

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = (Path(sys.executable).parent, PROJECT / "node_modules" / ".bin")
"""Where this project's own Python, Node and CDK CLI are."""


class BusyError(LocalError):
    """Another `make local` is at work in the same checkout."""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A local AWS that was started; ``kept`` once it is meant to outlive its command."""

    pid: int
    started: str
    endpoint: str
    environment: str
    account: str
    enforce_iam: bool
    kept: bool = False

    @property
    def port(self) -> int:
        """The port of the endpoint."""
        return int(self.endpoint.rpartition(":")[2])


class State:
    """The folder `.local/`: the record of what runs, the logs of the last run, and scratch space."""

    def __init__(self, root: Path = PROJECT / ".local") -> None:
        self.root = root
        self.logs = root / "log"
        self.assembly = root / "assembly"
        self.scratch = root / "tmp"
        self.shell = root / "env"
        self._record = root / "running.json"
        self._lock = root / "lock"

    def prepare(self) -> None:
        """Make the folders that are not there yet."""
        for folder in (self.logs, self.scratch):
            folder.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the checkout's one lock; the system frees it however the holder ends.

        Raises:
            BusyError: another command holds it.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with self._lock.open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip()
                raise BusyError(
                    f"Another `make local` is at work here (process {holder}). Wait for it, or end it with Ctrl-C in "
                    f"its terminal or `kill {holder}`: it cleans up after itself."
                ) from None
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def child_environment(self, environment: dict[str, str]) -> dict[str, str]:
        """``environment`` with this project's tools first, and with scratch space that is removed at the end."""
        path = os.pathsep.join([*map(str, TOOLS), environment.get("PATH", os.defpath)])
        return environment | {"PATH": path, "TMPDIR": str(self.scratch), "CDK_HOME": str(self.scratch / "cdk")}

    def log(self, name: str) -> Path:
        """The log of a step."""
        return self.logs / f"{name}.log"

    def record(self, running: Running) -> None:
        """Write down what runs, in one step, so that no half-written record is ever read."""
        fresh = self._record.with_suffix(".new")
        fresh.write_text(json.dumps(dataclasses.asdict(running), indent=2), encoding="utf-8")
        fresh.replace(self._record)

    def running(self) -> Running | None:
        """What the record says, if the very process it names still runs."""
        try:
            running = Running(**json.loads(self._record.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None
        return running if processes.identity(running.pid) == running.started else None

    def forget_logs(self) -> None:
        """Remove the logs of the last run."""
        shutil.rmtree(self.logs, ignore_errors=True)

    def clear(self) -> None:
        """Remove everything but the logs."""
        self._record.unlink(missing_ok=True)
        self.shell.unlink(missing_ok=True)
        for folder in (self.assembly, self.scratch):
            shutil.rmtree(folder, ignore_errors=True)
