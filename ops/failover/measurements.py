"""Measures the course of a drill against what its scenario has to keep."""

from collections.abc import Callable
from dataclasses import dataclass

from configuration.failover.budget import Step
from ops.failover.scenario import Criterion, Watch
from ops.failover.simulation import Course, Request
from ops.failover.topology import Topology


@dataclass(frozen=True)
class Measurement:
    """One measured value beside its limit; None where what was waited for did not happen."""

    criterion: Criterion
    regions: tuple[str, ...]
    start: float
    value: float | None
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the limit was kept."""
        return self.value is not None and self.value <= self.limit

    @property
    def is_time(self) -> bool:
        """Whether the value is in seconds; otherwise it is a count."""
        return self.criterion in _TIMES

    @property
    def shown_value(self) -> str:
        """The value as text, with its unit."""
        if self.value is None:
            return "never"
        return f"{self.value:.1f} s" if self.is_time else f"{self.value:g}"

    def __str__(self) -> str:
        of = f" ({', '.join(self.regions)})" if self.regions else ""
        unit = " s" if self.is_time else ""
        return f"{self.criterion}{of}, from {self.start:g} s: {self.shown_value}, at most {self.limit:g}{unit}"


def measure(topology: Topology, course: Course, watch: Watch) -> Measurement:
    """Measure what a watch is about."""
    value = _MEASURES[watch.criterion](topology, course, watch)
    limit = _limit(topology, watch)
    return Measurement(watch.criterion, watch.regions, watch.start, value, limit)


def _limit(topology: Topology, watch: Watch) -> float:
    budget = topology.budget
    match watch.criterion:
        case Criterion.DETECTED:
            return budget.seconds(Step.DETECTION)
        case Criterion.WITHDRAWN:
            return budget.seconds(Step.DETECTION) + budget.seconds(Step.PROPAGATION)
        case Criterion.RECOVERED | Criterion.DRAINED | Criterion.RETURNED:
            return budget.total
        case Criterion.UNDISTURBED | Criterion.NEAREST | Criterion.STEADY:
            return watch.at_most


def _unhealthy_after(course: Course, watch: Watch, *, published: bool) -> float | None:
    firsts = []
    for region in watch.regions:
        times = (
            change.at
            for change in course.changes
            if change.region == region and change.published is published and not change.healthy
            if watch.start <= change.at < watch.end
        )
        firsts.append(next(times, None))
    found = [first for first in firsts if first is not None]
    return max(found) - watch.start if found and len(found) == len(firsts) else None


def _detected(_: Topology, course: Course, watch: Watch) -> float | None:
    return _unhealthy_after(course, watch, published=False)


def _withdrawn(_: Topology, course: Course, watch: Watch) -> float | None:
    return _unhealthy_after(course, watch, published=True)


def _during(course: Course, watch: Watch) -> list[Request]:
    return [request for request in course.requests if watch.start <= request.at < watch.end]


def _last(requests: list[Request], watch: Watch, wrong: Callable[[Request], bool]) -> float | None:
    """When the last wrong request was sent; None where no right one came after it."""
    last = max((request.at for request in requests if wrong(request)), default=watch.start)
    return last - watch.start if any(request.at > last for request in requests) else None


def _recovered(_: Topology, course: Course, watch: Watch) -> float | None:
    return _last(_during(course, watch), watch, lambda request: not request.served)


def _drained(_: Topology, course: Course, watch: Watch) -> float | None:
    return _last(_during(course, watch), watch, lambda request: request.region in watch.regions)


def _returned(topology: Topology, course: Course, watch: Watch) -> float | None:
    nearest = {client.name: client.nearest for client in topology.clients}
    at_home = [request for request in _during(course, watch) if nearest[request.client] in watch.regions]
    return _last(at_home, watch, lambda request: request.region != nearest[request.client])


def _undisturbed(_: Topology, course: Course, watch: Watch) -> float:
    return sum(not request.served for request in _during(course, watch))


def _elsewhere(topology: Topology, course: Course, watch: Watch) -> float:
    nearest = {client.name: client.nearest for client in topology.clients}
    return sum(request.region != nearest[request.client] for request in _during(course, watch))


def _changes(_: Topology, course: Course, watch: Watch) -> float:
    return sum(
        change.published and change.region in watch.regions and watch.start <= change.at < watch.end
        for change in course.changes
    )


_TIMES = {
    Criterion.DETECTED,
    Criterion.WITHDRAWN,
    Criterion.RECOVERED,
    Criterion.DRAINED,
    Criterion.RETURNED,
}
_MEASURES: dict[Criterion, Callable[[Topology, Course, Watch], float | None]] = {
    Criterion.DETECTED: _detected,
    Criterion.WITHDRAWN: _withdrawn,
    Criterion.RECOVERED: _recovered,
    Criterion.DRAINED: _drained,
    Criterion.RETURNED: _returned,
    Criterion.UNDISTURBED: _undisturbed,
    Criterion.NEAREST: _elsewhere,
    Criterion.STEADY: _changes,
}
