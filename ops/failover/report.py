"""The report of a drill: who was served by whom in every second, what was measured, and
whether it was kept."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from configuration.failover.budget import PathBudget
from ops.failover.measurements import Measurement
from ops.failover.scenario import Scenario
from ops.failover.simulation import Change, Course
from ops.failover.topology import Topology

FAILED = "failed"
"""Stands for the region in counts of requests that none served."""


@dataclass(frozen=True)
class Second:
    """One second of a drill: how many requests of which clients were served by which region.

    ``counts`` goes by the region that is nearest to the clients, then by the region that served, or ``FAILED``.
    """

    second: int
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class DrillReport:
    """What a drill showed."""

    scenario: Scenario
    regions: tuple[str, ...]
    budget: PathBudget
    seconds: tuple[Second, ...]
    changes: tuple[Change, ...]
    measurements: tuple[Measurement, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was kept that the scenario has to keep."""
        return all(measurement.passed for measurement in self.measurements)

    @property
    def failures(self) -> tuple[Measurement, ...]:
        """What was not kept."""
        return tuple(measurement for measurement in self.measurements if not measurement.passed)

    def text(self) -> str:
        """The report as a text table: seconds in which nothing changed share a line."""
        verdict = "passed" if self.passed else "FAILED"
        lines = [f"{self.scenario.name}: {self.scenario.title}: {verdict}", ""]
        lines += [f"  {event.at:>5g} s  {event}" for event in self.scenario.events]
        lines += ["", *(f"  {'ok' if kept.passed else 'NO':<4}{kept}" for kept in self.measurements), ""]
        cells = [[_cell(second, home) for home in self.regions] for second in self.seconds]
        heads = [f"near {home}" for home in self.regions]
        widths = [max(map(len, column)) + 2 for column in zip(heads, *cells, strict=True)]
        lines.append(f"  {'seconds':<10}" + "".join(map(str.ljust, heads, widths)).rstrip())
        for row, group in groupby(zip(self.seconds, cells, strict=True), key=lambda pair: pair[1]):
            span = [second.second for second, _ in group]
            shown = f"{span[0]}" if len(span) == 1 else f"{span[0]}-{span[-1]}"
            lines.append(f"  {shown:<10}" + "".join(map(str.ljust, row, widths)).rstrip())
        return "\n".join(lines)


def _cell(second: Second, home: str) -> str:
    return ", ".join(f"{region} {count}" for region, count in sorted(second.counts.get(home, {}).items())) or "none"


def by_second(topology: Topology, course: Course, duration: float) -> tuple[Second, ...]:
    """The course's requests, counted by the second in which they were sent."""
    nearest = {client.name: client.nearest for client in topology.clients}
    counts: list[dict[str, Counter[str]]] = [{} for _ in range(math.ceil(duration))]
    for request in course.requests:
        served_by = request.region if request.served and request.region is not None else FAILED
        counts[int(request.at)].setdefault(nearest[request.client], Counter())[served_by] += 1
    return tuple(Second(second, of_second) for second, of_second in enumerate(counts))
