"""Runs a scenario: a discrete-event simulation in which backends are asked for real.

Time is simulated: a request's outcome counts at once, and the time it would have taken passes in the simulation.
So one seed, topology and scenario have one course of events, whatever the clock and however fast the backends.
"""

import functools
import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

from ops.failover.backends import Backends
from ops.failover.checkers import HealthChecker, Reply, duration, passes, quorum
from ops.failover.clients import CachingClient
from ops.failover.clock import Clock
from ops.failover.health_checks import EndpointCheck, Observations, statuses
from ops.failover.resolver import Resolver, View
from ops.failover.scenario import Action, Event, Scenario
from ops.failover.topology import TargetGroup, Topology

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Request:
    """A client's request: when it was sent and by whom, to which region, and whether it was served in time."""

    at: float
    client: str
    region: str | None
    served: bool


@dataclass(frozen=True)
class Change:
    """A region's record became healthy or unhealthy: for the checkers, or (``published``) for the name servers."""

    at: float
    region: str
    healthy: bool
    published: bool


@dataclass(frozen=True)
class Course:
    """What happened in a drill, in the order of time."""

    requests: tuple[Request, ...]
    changes: tuple[Change, ...]


def simulate(
    topology: Topology,
    scenario: Scenario,
    clock: Clock,
    backends: Backends,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Course:
    """Run a scenario from a quiet start, in which every checker has its first observation already.

    Args:
        topology: what to run it on.
        scenario: what happens.
        clock: how fast to run.
        backends: a backend for every region, and a switch for every region that has one.
        seed: decides when within their interval checkers and clients ask, and draws among weighted records.
        progress: is told every simulated second that has passed.
    """
    return _Simulation(topology, scenario, backends, seed).run(clock, progress)


@dataclass
class _Health:
    """What is observed of the endpoints and of the load balancers behind aliases."""

    endpoints: dict[str, bool]
    resources: dict[str, bool]
    statuses: dict[str, bool]
    """The status of every check that follows from the endpoints; it is renewed whenever these change."""


class _Simulation:
    def __init__(self, topology: Topology, scenario: Scenario, backends: Backends, seed: int) -> None:
        self._topology = topology
        self._scenario = scenario
        self._backends = backends
        self._phases = random.Random(seed)  # noqa: S311 - a repeatable drill, not a secret
        self._now = 0.0
        self._order = itertools.count()
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._found = _Health({}, {}, {})
        self._published = _Health({}, {}, {})
        self._judge = Resolver(topology.zone, seed=seed)
        self._routes = topology.routes()
        self._last: dict[tuple[str, bool], bool] = {}
        self._requests: list[Request] = []
        self._changes: list[Change] = []
        self._clients = [
            CachingClient(
                client,
                Resolver(topology.zone, seed=f"{seed}/{client.name}"),
                topology.targets,
                age=self._phases.random(),
            )
            for client in topology.clients
        ]

    def run(self, clock: Clock, progress: Progress | None) -> Course:
        # Scenario events come first among what happens at one time.
        for event in self._scenario.events:
            self._at(event.at, functools.partial(self._happen, event))
        for check in self._topology.endpoint_checks():
            self._watch(check)
        if self._topology.target_group is not None:
            for resource, region in self._topology.targets.items():
                self._watch_targets(resource, region, self._topology.target_group)
        for client in self._clients:
            self._at(self._phases.uniform(0, client.client.period), functools.partial(self._request, client))
        self._note(published=False)
        self._note(published=True)
        second = 0
        while self._queue and self._queue[0][0] < self._scenario.duration:
            self._now, _, step = heapq.heappop(self._queue)
            clock.wait_until(self._now)
            while progress is not None and second <= self._now:
                progress(second)
                second += 1
            step()
        clock.wait_until(self._scenario.duration)
        return Course(tuple(self._requests), tuple(self._changes))

    def _at(self, time: float, step: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (time, next(self._order), step))

    def _happen(self, event: Event) -> None:
        for region in event.regions:
            backend = self._backends.regions[region]
            match event.action:
                case Action.LOSE:
                    backend.lose()
                case Action.RESTORE:
                    backend.restore()
                case Action.SLOW:
                    backend.slow(event.delay)
                case Action.SICKEN:
                    backend.sicken(event.paths)
                case Action.CURE:
                    backend.slow(0.0)
                    backend.sicken(())
                case Action.SWITCH_OUT:
                    self._backends.switches[region].place()
                case Action.SWITCH_IN:
                    self._backends.switches[region].remove()

    def _watch(self, check: EndpointCheck) -> None:
        first = passes(check, self._asked(check))
        self._found.endpoints[check.id] = self._published.endpoints[check.id] = first
        checkers = [
            HealthChecker(threshold=check.failure_threshold, healthy=first) for _ in range(self._topology.checkers)
        ]
        for checker in checkers:
            # Checkers don't coordinate: each asks at a moment of its own within the interval.
            self._at(
                self._phases.uniform(0, check.request_interval),
                functools.partial(self._probe, check, checker, checkers),
            )

    def _asked(self, check: EndpointCheck) -> Reply:
        switched = self._topology.switches.get(f"{check.host}{check.path}")
        if switched is not None:
            return self._backends.switches[switched].get(check.path)
        return self._backends.regions[self._topology.endpoints[check.host]].get(check.path)

    def _probe(self, check: EndpointCheck, checker: HealthChecker, checkers: list[HealthChecker]) -> None:
        reply = self._asked(check)

        def conclude() -> None:
            checker.observe(passed=passes(check, reply))
            self._find(self._found.endpoints, self._published.endpoints, check.id, [each.healthy for each in checkers])
            # The interval counts from the answer, or from when it was given up, to the next request.
            self._at(self._now + check.request_interval, functools.partial(self._probe, check, checker, checkers))

        self._at(self._now + duration(check, reply), conclude)

    def _watch_targets(self, resource: str, region: str, group: TargetGroup) -> None:
        self._found.resources[resource] = self._published.resources[resource] = True
        checker = HealthChecker(threshold=group.threshold)

        def probe() -> None:
            reply = self._backends.regions[region].get(group.path)
            # A region that is lost cannot report on its load balancers; what was last known is taken to remain.
            if reply.status is not None:
                checker.observe(passed=200 <= reply.status < 400 and reply.seconds <= group.timeout)
                self._find(self._found.resources, self._published.resources, resource, [checker.healthy])
            self._at(self._now + group.interval, probe)

        self._at(self._phases.uniform(0, group.interval), probe)

    def _find(self, found: dict[str, bool], published: dict[str, bool], key: str, opinions: list[bool]) -> None:
        conclusion = quorum(opinions)
        if conclusion is found[key]:
            return
        found[key] = conclusion
        self._note(published=False)

        def publish() -> None:
            published[key] = conclusion
            self._note(published=True)

        self._at(self._now + self._topology.propagation, publish)

    def _note(self, *, published: bool) -> None:
        health = self._published if published else self._found
        health.statuses = statuses(self._topology.zone.health_checks, Observations(endpoints=health.endpoints))
        view = View(latencies={}, statuses=health.statuses, resources=health.resources)
        for record, region in self._routes.items():
            healthy = self._judge.healthy(record, view)
            if self._last.setdefault((region, published), True) is not healthy:
                self._last[region, published] = healthy
                self._changes.append(Change(self._now, region, healthy, published))

    def _request(self, client: CachingClient) -> None:
        region = client.locate(
            self._topology.name,
            now=self._now,
            statuses=self._published.statuses,
            resources=self._published.resources,
        )
        served = False
        if region is not None:
            reply = self._backends.regions[region].get(self._topology.request_path)
            served = reply.status is not None and 200 <= reply.status < 400 and reply.seconds <= client.client.timeout
        self._requests.append(Request(self._now, client.client.name, region, served))
        self._at(self._now + client.client.period, functools.partial(self._request, client))
