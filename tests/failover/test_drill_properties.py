"""What holds for every drill: the clock decides nothing, and no measured time exceeds the worst case."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from configuration.failover.budget import FailoverSettings
from ops.failover.backends import memory_backends
from ops.failover.clock import Clock, InstantClock, PacedClock
from ops.failover.drill import run_drill
from ops.failover.example import REGIONS, example_topology
from ops.failover.report import DrillReport
from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch
from ops.failover.scenarios import built_in_scenarios
from ops.failover.topology import Topology


def drill(topology: Topology, scenario: Scenario, clock: Clock, seed: int) -> DrillReport:
    with memory_backends(topology.regions) as backends:
        return run_drill(topology, scenario, clock, backends, seed=seed)


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["loss-of-primary", "flapping", "operator-switch"]), st.floats(500, 5000))
def test_the_report_is_the_same_by_any_clock(seed: int, name: str, speed: float) -> None:
    topology = example_topology(clients_per_region=2, checkers=5)
    scenario = built_in_scenarios(topology)[name]
    at_once = drill(topology, scenario, InstantClock(), seed)
    paced = drill(topology, scenario, PacedClock(speed), seed)
    assert paced == at_once


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    at=st.floats(0, 60),
    chosen=st.builds(
        FailoverSettings,
        request_interval=st.sampled_from([10, 30]),
        failure_threshold=st.integers(1, 4),
        record_ttl=st.integers(0, 60),
        propagation_allowance=st.integers(0, 30),
        client_hold=st.integers(0, 20),
    ),
    action=st.sampled_from([Action.LOSE, Action.SLOW]),
    lost=st.sampled_from([REGIONS[:1], REGIONS[1:2], REGIONS[::2]]),
)
def test_no_failover_takes_longer_than_the_budget_says(
    seed: int, at: float, chosen: FailoverSettings, action: Action, lost: tuple[str, ...]
) -> None:
    topology = example_topology(chosen, clients_per_region=3)
    end = at + topology.budget.total + 5
    scenario = Scenario(
        name="property",
        title="",
        duration=end,
        events=(Event(at=at, action=action, regions=lost, delay=8.0 if action is Action.SLOW else 0.0),),
        watches=tuple(
            Watch(criterion=criterion, start=at, end=end, regions=lost)
            for criterion in (Criterion.DETECTED, Criterion.WITHDRAWN, Criterion.RECOVERED, Criterion.DRAINED)
        ),
    )
    assert drill(topology, scenario, InstantClock(), seed).failures == ()


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), name=st.sampled_from(sorted(built_in_scenarios(example_topology()))))
def test_every_built_in_scenario_is_kept_by_any_seed(seed: int, name: str) -> None:
    topology = example_topology()
    assert drill(topology, built_in_scenarios(topology)[name], InstantClock(), seed).failures == ()


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_request_is_counted_once(seed: int) -> None:
    topology = example_topology()
    report = drill(topology, built_in_scenarios(topology)["loss-of-primary"], InstantClock(), seed)
    for second in report.seconds[1:-1]:
        # Twelve clients send one request a second, up to the grain of their phase.
        assert sum(sum(counts.values()) for counts in second.counts.values()) == 12
