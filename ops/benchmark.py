"""How long each function takes to start: ``python -m ops.benchmark``.

A function starts cold when its handler is imported. Each import runs in a fresh interpreter, as Lambda does it, from
the same folders its archive is made of, and against an interpreter that imports nothing; the median of several runs
counts. The environment is invented: no call leaves this computer. ``--imports`` shows what the time goes to.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from configuration.partition import GLOBAL_SERVICES_REGION

PROJECT = Path(__file__).resolve().parent.parent
GOAL_MILLISECONDS = 400
"""What an import may take on the computer the goal was set on; another one is faster or slower."""

_SOURCES = PROJECT / "lambda"
_VENDORED = PROJECT / "build" / "functions"
_SHOWN_IMPORTS = 12
_QUEUE = "https://queue.invalid/account/queue"
_COMMON = {
    "POWERTOOLS_METRICS_NAMESPACE": "Benchmark",
    "LOG_LEVEL": "INFO",
    # As in Lambda: with the trace switched on, and its calls sent to nobody.
    "LAMBDA_TASK_ROOT": "/var/task",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9",
}
_PEOPLE = {
    "ALERT_TOPIC": "arn:aws:sns:{region}:{account}:alerts",
    "NOTIFICATION_TOPIC": "arn:aws:sns:{region}:{account}:notifications",
    "DEAD_LETTERS": _QUEUE,
}
FUNCTIONS: dict[str, dict[str, str]] = {
    "process_object": {
        "PROCESSED_BUCKET": "processed",
        "CATALOGUE_TABLE": "catalogue",
        "EVENT_SOURCE": "benchmark",
        "MAX_RECEIVE_COUNT": "3",
    },
    "process_alarm": _PEOPLE,
    "process_config_change": _PEOPLE,
    "api": {
        "RAW_BUCKETS": "raw-data",
        "PROCESSED_BUCKET": "processed",
        "CATALOGUE_TABLE": "catalogue",
        "REQUESTS_TABLE": "requests",
    },
}
"""The functions that start while somebody waits, and the least they have to be told."""


@dataclass(frozen=True)
class Measured:
    """The median times of one function in milliseconds: the whole start, and the import alone."""

    package: str
    start: float
    imported: float

    @property
    def keeps_the_goal(self) -> bool:
        """Whether the import takes no longer than it may."""
        return self.imported <= GOAL_MILLISECONDS


def measure(package: str, *, region: str, runs: int, told: Callable[[], None] = lambda: None) -> Measured:
    """Import a function's handler ``runs`` times; ``told`` is called after each.

    Raises ``subprocess.CalledProcessError`` if the function does not start.
    """
    variables = _environment(package, region)
    empty = [_seconds("pass", variables) for _ in range(runs)]
    full = []
    for _ in range(runs):
        full.append(_seconds(f"import {package}.handler", variables))
        told()
    start = statistics.median(full) * 1000
    return Measured(package, start, start - statistics.median(empty) * 1000)


def slowest_imports(package: str, *, region: str) -> list[str]:
    """The modules whose own code took longest, as Python's ``-X importtime`` tells."""
    command = [sys.executable, "-X", "importtime", "-c", f"import {package}.handler"]
    told = subprocess.run(  # noqa: S603 - our own interpreter and our own code
        command, env=_environment(package, region), capture_output=True, text=True, check=True
    ).stderr
    rows = [line.removeprefix("import time:").split("|") for line in told.splitlines() if line.count("|") == 2]
    timed = [(int(own), name.strip()) for own, _, name in rows if own.strip().isdigit()]
    return [f"{own / 1000:7.1f} ms  {name}" for own, name in sorted(timed, reverse=True)[:_SHOWN_IMPORTS]]


def _seconds(code: str, variables: dict[str, str]) -> float:
    since = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own interpreter and our own code
        [sys.executable, "-c", code], env=variables, check=True, capture_output=True
    )
    return time.perf_counter() - since


def _environment(package: str, region: str) -> dict[str, str]:
    own = {name: value.format(region=region, account="0" * 12) for name, value in FUNCTIONS[package].items()}
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{_SOURCES}:{_VENDORED}",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "POWERTOOLS_SERVICE_NAME": package,
        **_COMMON,
        **own,
    }


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each function; 1 if an import takes longer than the goal, with ``--enforce``, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ops.benchmark", description="Start times of the functions")
    parser.add_argument("--runs", type=int, default=7, help="how often each is started (the median counts)")
    parser.add_argument("--imports", action="store_true", help="show what the imports' time goes to")
    parser.add_argument("--enforce", action="store_true", help=f"fail above {GOAL_MILLISECONDS} ms")
    options = parser.parse_args(arguments)
    if options.runs < 1:
        parser.error("--runs must be 1 or more")
    if not (_VENDORED / ".ready").exists():
        print("build/functions is missing: run `make setup`", file=sys.stderr)
        return 1
    # Any region will do: nothing is called.
    region = os.environ.get("AWS_REGION") or GLOBAL_SERVICES_REGION
    kept = True
    for package in FUNCTIONS:
        found = measure(package, region=region, runs=options.runs)
        kept = kept and found.keeps_the_goal
        print(f"{package:<24} imports in {found.imported:5.0f} ms, starts in {found.start:5.0f} ms", flush=True)
        for line in slowest_imports(package, region=region) if options.imports else ():
            print(f"  {line}")
    return 0 if kept or not options.enforce else 1


if __name__ == "__main__":
    sys.exit(main())
