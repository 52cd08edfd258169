"""Runs the checks against the deployed platform."""

import concurrent.futures
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ops.local.check import Check, CheckFailedError, Context

_AT_ONCE = 32  # they wait more than they work


@dataclass(frozen=True)
class Outcome:
    """What became of one check."""

    name: str
    passed: bool
    evidence: str
    seconds: float


def exercise(context: Context, checks: Iterable[Check], report: Callable[[Outcome], None]) -> list[Outcome]:
    """Run checks side by side, each reported when it ends; the outcomes come in the order of the checks."""
    with context, concurrent.futures.ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="check") as pool:
        futures = [pool.submit(_outcome, check, context) for check in checks]
        try:
            for future in concurrent.futures.as_completed(futures):
                report(future.result())
        except KeyboardInterrupt:
            context.give_up()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def _outcome(check: Check, context: Context) -> Outcome:
    started = time.monotonic()
    try:
        evidence, passed = check.run(context), True
    except CheckFailedError as failure:
        evidence, passed = str(failure), False
    except Exception as error:  # noqa: BLE001 - a check that breaks is a failed check, and says so
        evidence, passed = f"{type(error).__name__}: {error}", False
    return Outcome(check.name, passed, evidence, time.monotonic() - started)
