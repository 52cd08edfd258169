"""The built-in scenarios.

Each starts with 30 quiet seconds. ``settled`` is the time by which the budget promises that a disturbance is over,
with some seconds more to see that it stays so.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch
from ops.failover.topology import Topology

START = 30.0
MARGIN = 20.0


@dataclass(frozen=True)
class BuiltIn:
    """A scenario that is made for a topology, where this has enough regions and every region its switch."""

    name: str
    build: Callable[[Topology], Scenario]
    regions: int = 2
    needs_switches: bool = False

    def possible(self, topology: Topology) -> bool:
        """Whether it can happen there."""
        switches = set(topology.switches.values())
        return len(topology.regions) >= self.regions and (not self.needs_switches or switches >= set(topology.regions))


def built_in_scenarios(topology: Topology) -> dict[str, Scenario]:
    """The scenarios that can happen on a topology, by name."""
    return {built_in.name: built_in.build(topology) for built_in in BUILT_IN if built_in.possible(topology)}


def _settled(topology: Topology) -> float:
    return math.ceil(topology.budget.total) + MARGIN


def _loss(name: str, title: str, topology: Topology, lost: tuple[str, ...]) -> Scenario:
    end = START + _settled(topology)
    return Scenario(
        name=name,
        title=title,
        duration=end,
        events=(Event(at=START, action=Action.LOSE, regions=lost),),
        watches=(
            Watch(criterion=Criterion.UNDISTURBED, start=0, end=START),
            Watch(criterion=Criterion.DETECTED, start=START, end=end, regions=lost),
            Watch(criterion=Criterion.WITHDRAWN, start=START, end=end, regions=lost),
            Watch(criterion=Criterion.RECOVERED, start=START, end=end),
        ),
    )


def _loss_of_primary(topology: Topology) -> Scenario:
    return _loss("loss-of-primary", "Loss of the primary region", topology, topology.regions[:1])


def _loss_of_secondary(topology: Topology) -> Scenario:
    return _loss("loss-of-secondary", "Loss of a secondary region", topology, topology.regions[1:2])


def _loss_of_two(topology: Topology) -> Scenario:
    return _loss("loss-of-two", "Loss of two regions at once", topology, topology.regions[:2])


def _return_to_service(topology: Topology) -> Scenario:
    lost = topology.regions[:1]
    back = START + _settled(topology)
    end = back + _settled(topology)
    return Scenario(
        name="return-to-service",
        title="The primary region is lost and comes back",
        duration=end,
        events=(
            Event(at=START, action=Action.LOSE, regions=lost),
            Event(at=back, action=Action.RESTORE, regions=lost),
        ),
        watches=(
            Watch(criterion=Criterion.RECOVERED, start=START, end=back),
            Watch(criterion=Criterion.RETURNED, start=back, end=end, regions=lost),
            Watch(criterion=Criterion.UNDISTURBED, start=back, end=end),
        ),
    )


def _flapping(topology: Topology) -> Scenario:
    # Down for less than two request intervals at a time: consecutive failures never reach a threshold of 3, and
    # the checkers, who don't ask in step, never agree at a threshold of 2. A threshold of 1 follows the flapping.
    region = topology.regions[:1]
    events = []
    for cycle in range(6):
        events.append(Event(at=START + 20 * cycle, action=Action.LOSE, regions=region))
        events.append(Event(at=START + 20 * cycle + 8, action=Action.RESTORE, regions=region))
    calm = events[-1].at
    end = calm + _settled(topology)
    return Scenario(
        name="flapping",
        title="The primary region flaps: six times 8 s down, 12 s up",
        duration=end,
        events=tuple(events),
        watches=(
            Watch(criterion=Criterion.STEADY, start=START, end=end, regions=region),
            Watch(criterion=Criterion.UNDISTURBED, start=calm, end=end),
        ),
    )


def _slow_region(topology: Topology) -> Scenario:
    slow = topology.regions[:1]
    end = START + _settled(topology)
    return Scenario(
        name="slow-region",
        title="The primary region answers 8 s late",
        duration=end,
        events=(Event(at=START, action=Action.SLOW, regions=slow, delay=8.0),),
        watches=(
            Watch(criterion=Criterion.DETECTED, start=START, end=end, regions=slow),
            Watch(criterion=Criterion.WITHDRAWN, start=START, end=end, regions=slow),
            Watch(criterion=Criterion.RECOVERED, start=START, end=end),
        ),
    )


def _operator_switch(topology: Topology) -> Scenario:
    region = topology.regions[:1]
    back = START + _settled(topology)
    end = back + _settled(topology)
    return Scenario(
        name="operator-switch",
        title="The operator takes the primary region out of service, and puts it back",
        duration=end,
        events=(
            Event(at=START, action=Action.SWITCH_OUT, regions=region),
            Event(at=back, action=Action.SWITCH_IN, regions=region),
        ),
        watches=(
            Watch(criterion=Criterion.WITHDRAWN, start=START, end=back, regions=region),
            Watch(criterion=Criterion.DRAINED, start=START, end=back, regions=region),
            Watch(criterion=Criterion.RETURNED, start=back, end=end, regions=region),
            Watch(criterion=Criterion.UNDISTURBED, start=0, end=end),
        ),
    )


def _sick(name: str, title: str, topology: Topology, paths: tuple[str, ...]) -> Scenario:
    settled = START + _settled(topology)
    end = settled + MARGIN
    return Scenario(
        name=name,
        title=title,
        duration=end,
        events=(Event(at=START, action=Action.SICKEN, regions=topology.regions, paths=paths),),
        watches=(
            Watch(criterion=Criterion.UNDISTURBED, start=0, end=end),
            Watch(criterion=Criterion.NEAREST, start=settled, end=end),
        ),
    )


def _all_sick(topology: Topology) -> Scenario:
    title = "Every region fails its health checks and still serves"
    return _sick("all-sick", title, topology, topology.health_paths())


def _shared_dependency(topology: Topology) -> Scenario:
    title = "A shared dependency fails the deep health check of every region"
    return _sick("shared-dependency", title, topology, (topology.deep_path,))


BUILT_IN = (
    BuiltIn("loss-of-primary", _loss_of_primary),
    BuiltIn("loss-of-secondary", _loss_of_secondary),
    BuiltIn("loss-of-two", _loss_of_two, regions=3),
    BuiltIn("return-to-service", _return_to_service),
    BuiltIn("flapping", _flapping),
    BuiltIn("slow-region", _slow_region),
    BuiltIn("operator-switch", _operator_switch, needs_switches=True),
    BuiltIn("all-sick", _all_sick, regions=1),
    BuiltIn("shared-dependency", _shared_dependency, regions=1),
)
