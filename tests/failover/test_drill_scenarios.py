"""The drill's scenarios on the example platform, each with its numbers."""

from __future__ import annotations

from collections import Counter

import pytest

from configuration.failover.budget import FailoverSettings, PathBudget, RecordDesign, Row, Step, failover_budget
from ops.failover.backends import memory_backends
from ops.failover.clock import InstantClock
from ops.failover.drill import run_drill
from ops.failover.example import REGIONS, example_topology
from ops.failover.report import FAILED, DrillReport
from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch
from ops.failover.scenarios import START, built_in_scenarios
from ops.failover.topology import Topology

A, B, C = REGIONS


def drill(scenario: str | Scenario, topology: Topology | None = None, *, seed: int = 0) -> DrillReport:
    chosen = topology or example_topology()
    with memory_backends(chosen.regions) as backends:
        course = built_in_scenarios(chosen)[scenario] if isinstance(scenario, str) else scenario
        return run_drill(chosen, course, InstantClock(), backends, seed=seed)


def measured(report: DrillReport, criterion: Criterion) -> float:
    (found,) = [measurement for measurement in report.measurements if measurement.criterion is criterion]
    assert found.value is not None
    return found.value


def served(report: DrillReport, start: float, end: float, *, near: str) -> Counter[str]:
    """Who served the clients near a region between two times."""
    counted: Counter[str] = Counter()
    for second in report.seconds[int(start) : int(end)]:
        counted.update(second.counts[near])
    return counted


def withdrawn(report: DrillReport, region: str) -> list[bool]:
    """What the name servers thought of a region, change by change."""
    return [change.healthy for change in report.changes if change.region == region and change.published]


def test_the_built_in_scenarios_are_those_of_the_drill() -> None:
    assert list(built_in_scenarios(example_topology())) == [
        "loss-of-primary",
        "loss-of-secondary",
        "loss-of-two",
        "return-to-service",
        "flapping",
        "slow-region",
        "operator-switch",
        "all-sick",
        "shared-dependency",
    ]


def test_a_platform_of_one_region_has_the_scenarios_that_need_no_other() -> None:
    alone = example_topology(regions=(A,))
    assert list(built_in_scenarios(alone)) == ["all-sick", "shared-dependency"]
    assert all(drill(name, alone).passed for name in built_in_scenarios(alone))


def test_a_platform_of_two_regions_keeps_every_scenario_it_has() -> None:
    two = example_topology(regions=(A, B))
    assert "loss-of-two" not in built_in_scenarios(two)
    assert [name for name in built_in_scenarios(two) if not drill(name, two).passed] == []


@pytest.mark.parametrize(("scenario", "lost", "heir"), [("loss-of-primary", A, B), ("loss-of-secondary", B, A)])
def test_a_lost_regions_clients_are_served_by_the_nearest_other_within_the_budget(
    scenario: str, lost: str, heir: str
) -> None:
    report = drill(scenario)
    assert report.passed
    # Three requests in a row take a checker 3 x 10 s + 3 x 4 s of silence, less where it was about to ask anyway.
    assert 32 < measured(report, Criterion.DETECTED) <= 42
    assert measured(report, Criterion.WITHDRAWN) == pytest.approx(measured(report, Criterion.DETECTED) + 20)
    assert 0 < measured(report, Criterion.RECOVERED) - measured(report, Criterion.WITHDRAWN) <= 10
    assert set(served(report, 0, START, near=lost)) == {lost}
    assert set(served(report, START, START + 50, near=lost)) == {FAILED}
    assert set(served(report, START + 78, START + 98, near=lost)) == {heir}
    for home in {A, B, C} - {lost}:
        assert set(served(report, 0, START + 98, near=home)) == {home}


def test_the_loss_of_two_regions_leaves_everyone_to_the_third() -> None:
    report = drill("loss-of-two")
    assert report.passed
    assert 32 < measured(report, Criterion.DETECTED) <= 42
    for home in (A, B, C):
        assert set(served(report, START + 78, START + 98, near=home)) == {C}


def test_a_region_that_returns_gets_its_clients_back_without_an_error() -> None:
    report = drill("return-to-service")
    assert report.passed
    back = START + 98
    assert withdrawn(report, A) == [False, True]
    assert 30 < measured(report, Criterion.RETURNED) <= 78
    assert set(served(report, back, back + 30, near=A)) == {B}
    assert set(served(report, back + 78, back + 98, near=A)) == {A}


def test_a_flapping_region_stays_in_service_and_fails_only_while_it_is_down() -> None:
    report = drill("flapping")
    assert report.passed
    assert withdrawn(report, A) == []
    for cycle in range(6):
        down = START + 20 * cycle
        assert set(served(report, down, down + 8, near=A)) == {FAILED}
        assert set(served(report, down + 8, down + 20, near=A)) == {A}


def test_a_threshold_of_one_follows_a_flapping_region() -> None:
    """The price of the fastest setting, and the reason that the scenario can fail."""
    report = drill("flapping", example_topology(FailoverSettings(failure_threshold=1), checkers=3))
    assert len(withdrawn(report, A)) > 0
    assert [failure.criterion for failure in report.failures] == [Criterion.STEADY]


def test_a_slow_region_is_left_sooner_than_a_silent_one() -> None:
    report = drill("slow-region")
    assert report.passed
    # A request that answers too late is given up after two seconds instead of four.
    assert 28 < measured(report, Criterion.DETECTED) <= 36
    assert set(served(report, START + 78, START + 98, near=A)) == {B}


def test_a_region_that_is_merely_slower_keeps_its_clients() -> None:
    scenario = Scenario(
        name="slower",
        title="",
        duration=120,
        events=(Event(at=START, action=Action.SLOW, regions=(A,), delay=1.9),),
        watches=(Watch(criterion=Criterion.NEAREST, start=0, end=120),),
    )
    report = drill(scenario)
    assert report.passed
    assert withdrawn(report, A) == []


def test_the_operators_switch_drains_a_region_without_a_single_error() -> None:
    report = drill("operator-switch")
    assert report.passed
    assert measured(report, Criterion.UNDISTURBED) == 0
    assert 0 < measured(report, Criterion.DRAINED) <= 30 + 20 + 10
    assert measured(report, Criterion.RETURNED) <= 30 + 20 + 10
    assert set(served(report, START + 60, START + 98, near=A)) == {B}


def test_route_53_answers_as_if_all_were_healthy_when_every_region_is_sick() -> None:
    report = drill("all-sick")
    assert report.passed
    assert all(withdrawn(report, region)[-1] is False for region in (A, B, C))
    for home in (A, B, C):
        assert set(served(report, START + 98, START + 118, near=home)) == {home}


def test_a_shared_dependency_takes_no_region_out_of_service_for_long() -> None:
    report = drill("shared-dependency")
    assert report.passed
    for region in (A, B, C):
        assert withdrawn(report, region)[-1:] in ([], [True])


def test_a_dependency_of_one_region_takes_that_region_out_of_service() -> None:
    topology = example_topology()
    scenario = Scenario(
        name="one-dependency",
        title="",
        duration=130,
        events=(
            Event(at=START, action=Action.SICKEN, regions=(A,), paths=(topology.deep_path,)),
            Event(at=129, action=Action.CURE, regions=(A,)),
        ),
        watches=(
            Watch(criterion=Criterion.DRAINED, start=START, end=129, regions=(A,)),
            Watch(criterion=Criterion.UNDISTURBED, start=0, end=130),
        ),
    )
    assert drill(scenario, topology).passed


def tight(budget: PathBudget, seconds: float) -> PathBudget:
    return PathBudget(budget.path, (Row(Step.DETECTION, seconds, "a test's", None),))


def test_the_drill_fails_when_the_measured_time_exceeds_the_budget() -> None:
    example = example_topology()
    scenario = built_in_scenarios(example)["loss-of-primary"]
    strict = Topology(**(vars(example) | {"budget": tight(example.budget, 43)}))
    report = drill(scenario, strict)
    assert not report.passed
    assert {failure.criterion for failure in report.failures} == {Criterion.WITHDRAWN, Criterion.RECOVERED}


def test_the_drill_fails_when_there_is_no_recovery_at_all() -> None:
    example = example_topology()
    scenario = Scenario(
        name="everything-lost",
        title="",
        duration=140,
        events=(Event(at=START, action=Action.LOSE, regions=example.regions),),
        watches=(Watch(criterion=Criterion.RECOVERED, start=START, end=140),),
    )
    (failure,) = drill(scenario, example).failures
    assert failure.value is None
    assert "never" in str(failure)


def test_aliases_to_load_balancers_recover_later_than_90_seconds_can_promise() -> None:
    """The budget's claim about the two record designs, seen in the drill instead of computed."""
    slow = example_topology(FailoverSettings(record_ttl=60))
    report = drill("loss-of-primary", slow, seed=1)
    assert report.passed
    assert measured(report, Criterion.RECOVERED) > 90
    assert failover_budget(FailoverSettings(record_design=RecordDesign.ALIAS)).path("app").total == slow.budget.total
