"""The deep health check: can this process reach what it depends on?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from application import logs
from application.aws import AwsError
from application.mysql import MysqlError
from application.offload import Offload


@dataclass(frozen=True)
class Probe:
    """A look at one dependency: ``look`` blocks, and raises ``AwsError`` or ``MysqlError`` if it is not well."""

    name: str
    look: Callable[[], None]
    seconds: float


@dataclass(frozen=True)
class Finding:
    """What a probe found, with the time it took; ``error`` is empty if all is well."""

    name: str
    error: str
    milliseconds: float

    def as_json(self) -> dict[str, Any]:
        """The finding as a client sees it."""
        return {
            "status": "unhealthy" if self.error else "healthy",
            "latency_ms": self.milliseconds,
            **({"error": self.error} if self.error else {}),
        }


@dataclass(frozen=True)
class Report:
    """Every probe's finding, and when they were made, in seconds since the epoch."""

    findings: tuple[Finding, ...]
    made_at: float

    @property
    def failed(self) -> list[str]:
        """The names of the dependencies that are not well."""
        return [finding.name for finding in self.findings if finding.error]

    def as_json(self, *, unchecked: tuple[str, ...]) -> dict[str, Any]:
        """The report as a client sees it; ``unchecked`` are dependencies that it is told to leave out."""
        dependencies: dict[str, Mapping[str, Any]] = {finding.name: finding.as_json() for finding in self.findings}
        dependencies.update({name: {"status": "not checked"} for name in unchecked})
        return {
            "status": "unhealthy" if self.failed else "healthy",
            "failed": self.failed,
            "checked_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.made_at)),
            "dependencies": dependencies,
        }


class DeepHealth:
    """Runs all probes side by side, at most once in ``cache_seconds``, however many ask.

    A probe that does not return in time has failed, and is not started again while it still runs.
    To be made where the event loop runs.
    """

    def __init__(self, probes: tuple[Probe, ...], *, cache_seconds: float) -> None:
        self._probes = [(probe, Offload(limit=1)) for probe in probes]
        self._cache_seconds = cache_seconds
        self._report: Report | None = None
        self._fresh_until = 0.0
        self._running: asyncio.Task[Report] | None = None

    async def report(self) -> Report:
        """A report that is no older than the cache time."""
        if self._report and time.monotonic() < self._fresh_until:
            return self._report
        if not self._running or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._look())
        # Shielded: a client that leaves takes nobody else's answer away.
        return await asyncio.shield(self._running)

    async def _look(self) -> Report:
        findings = await asyncio.gather(*(_find(probe, offload) for probe, offload in self._probes))
        report = Report(tuple(findings), time.time())
        before = self._report.failed if self._report else []
        if report.failed != before:
            log = logs.warning if report.failed else logs.info
            log("deep_health_changed", failed=report.failed, errors={f.name: f.error for f in findings if f.error})
        self._report, self._fresh_until = report, time.monotonic() + self._cache_seconds
        return report


async def _find(probe: Probe, offload: Offload) -> Finding:
    started = time.monotonic()
    error = ""
    try:
        await offload.run(probe.look, seconds=probe.seconds)
    except (AwsError, MysqlError) as failure:
        error = str(failure)
    except asyncio.TimeoutError:
        error = f"no answer in {probe.seconds:g} s"
    except Exception:  # noqa: BLE001 - a probe that breaks must not hide what the others found
        logs.exception("probe_broke", dependency=probe.name)
        error = "the check itself failed"
    return Finding(probe.name, error, round((time.monotonic() - started) * 1000, 1))
