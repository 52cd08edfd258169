"""The drill on the platform itself: the records and health checks of its own templates, scenario by scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from configuration import load_environment
from configuration.failover.budget import RecordDesign, failover_budget
from configuration.failover.promises import failover_settings
from ops.failover import drill
from ops.failover.__main__ import main
from ops.failover.backends import memory_backends
from ops.failover.clock import InstantClock
from ops.failover.comparison import described
from ops.failover.drill import run_drill
from ops.failover.intended import intended_zone
from ops.failover.platform import assembled_zone, platform_topology
from ops.failover.processes import DEFAULT_APPLICATION, process_backends
from ops.failover.report import DrillReport
from ops.failover.scenario import Criterion
from ops.failover.scenarios import built_in_scenarios
from ops.failover.topology import Topology
from tests.synthesis import Assembly, environment, synthesise


def topology(**values: object) -> Topology:
    assembly = synthesise(environment(regions=3, **values))
    return platform_topology(assembly.environment, assembled_zone(assembly.environment, assembly.directory))


def drilled(name: str, chosen: Topology) -> DrillReport:
    with memory_backends(chosen.regions) as backends:
        return run_drill(chosen, built_in_scenarios(chosen)[name], InstantClock(), backends)


def value(report: DrillReport, criterion: Criterion) -> float:
    (found,) = [measured for measured in report.measurements if measured.criterion is criterion]
    assert found.value is not None
    return found.value


def test_every_scenario_of_every_provided_environment_is_kept(provided: Assembly) -> None:
    chosen = platform_topology(provided.environment, assembled_zone(provided.environment, provided.directory))
    reports = {name: drilled(name, chosen) for name in built_in_scenarios(chosen)}
    assert len(reports) >= 8
    assert [name for name, report in reports.items() if not report.passed] == []


def test_the_budget_of_the_drill_is_that_of_the_file(provided: Assembly) -> None:
    routing = provided.environment.routing
    chosen = platform_topology(provided.environment, assembled_zone(provided.environment, provided.directory))
    assert chosen.budget.total <= routing.rto_seconds.app == 90
    assert chosen.propagation == routing.propagation_allowance


@pytest.mark.parametrize("scenario", ["loss-of-primary", "loss-of-secondary", "loss-of-two", "slow-region"])
def test_clients_of_a_lost_region_are_served_elsewhere_within_the_budget(scenario: str) -> None:
    report = drilled(scenario, topology())
    assert report.passed
    assert 30 < value(report, Criterion.DETECTED) <= 48
    assert value(report, Criterion.WITHDRAWN) <= 68
    assert 50 < value(report, Criterion.RECOVERED) <= 78


def test_the_operators_switch_loses_no_request() -> None:
    report = drilled("operator-switch", topology())
    assert report.passed
    assert value(report, Criterion.UNDISTURBED) == 0
    assert value(report, Criterion.DRAINED) <= 78


@pytest.mark.parametrize("scenario", ["all-sick", "shared-dependency"])
def test_where_all_are_sick_each_client_is_served_by_its_nearest_region(scenario: str) -> None:
    """Route 53 fails open, and a shared dependency trips no region's check."""
    report = drilled(scenario, topology())
    assert value(report, Criterion.UNDISTURBED) == 0
    assert value(report, Criterion.NEAREST) == 0


def test_a_flapping_region_is_not_taken_out_and_a_lost_one_comes_back() -> None:
    chosen = topology()
    assert value(drilled("flapping", chosen), Criterion.STEADY) == 0
    assert value(drilled("return-to-service", chosen), Criterion.RETURNED) <= 78


def test_aliases_keep_what_they_promise_and_it_is_longer() -> None:
    routing = {"record_design": "alias", "rto_seconds": {"app": 130, "api": 140}}
    chosen = topology(routing=routing)
    report = drilled("loss-of-primary", chosen)
    assert chosen.budget.total == 128
    assert report.passed
    # Longer than the default design ever takes: the last client found the load balancer's address for a minute.
    assert 90 < value(report, Criterion.RECOVERED) <= 128


def test_real_processes_behind_the_platforms_records_fail_over_within_the_budget() -> None:
    assembly = synthesise(environment(regions=2))
    zone = assembled_zone(assembly.environment, assembly.directory)
    chosen = platform_topology(assembly.environment, zone, checkers=drill.PROCESS_CHECKERS)
    with process_backends(chosen.regions, DEFAULT_APPLICATION) as backends:
        report = run_drill(chosen, built_in_scenarios(chosen)["loss-of-primary"], InstantClock(), backends)
    assert report.passed
    last = report.seconds[-1]
    assert set(last.counts["us-east-1"]) == {"us-west-2"}


def test_a_comparison_notices_any_difference_that_matters() -> None:
    one = intended_zone(environment(regions=2))
    for other in (
        environment(regions=3),
        environment(regions=2, routing={"failure_threshold": 2}),
        environment(regions=2, routing={"record_ttl": 20}),
        environment(regions=2, routing={"deep_health_path": None}),
        environment(regions=2, routing={"record_design": "alias", "rto_seconds": {"app": 900, "api": 900}}),
        environment(regions=2, compute={"application": {"health_path": "/up"}}),
        environment(regions=2, domain={"name": "other.acme.example"}),
    ):
        assert described(intended_zone(other)) != described(one)
    assert described(intended_zone(environment(regions=2))) == described(one)


def test_the_settings_of_the_file_are_those_of_the_budget() -> None:
    chosen = environment(
        routing={
            "request_interval": 30,
            "failure_threshold": 4,
            "record_design": "alias",
            "propagation_allowance": 5,
            "client_hold": 7,
            "rto_seconds": {"app": 900, "api": 900},
        },
        cdn={"assets_origin": {"connection_attempts": 1}, "api_origin": {"response_timeout": 3}},
    )
    settings = failover_settings(chosen.routing, chosen.cdn)
    assert settings.record_design is RecordDesign.ALIAS
    budget = failover_budget(settings)
    assert budget.path("app").total == 4 * (30 + 6) + 5 + 60 + 7
    assert budget.path("api").total == 4 * (30 + 6) + 5 + 60 + (2 + 3)
    assert budget.path("assets").total == 3 * (2 + 5)


def test_the_budget_of_an_environment_is_shown_with_what_is_promised(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budget", "--environment", "prod"]) == 0
    shown = capsys.readouterr().out
    budget = failover_budget(failover_settings(load_environment("prod").routing, load_environment("prod").cdn))
    assert budget.table() in shown
    assert "Promised: app within 90 s, api within 90 s, assets within 30 s" in shown


@pytest.mark.parametrize("command", ["budget", "drill"])
def test_an_unknown_environment_is_refused_without_a_traceback(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--environment", "nowhere"]) == 1
    assert "is no environment; there are dev, local, prod, staging" in capsys.readouterr().err


def test_the_drill_of_an_environment_leaves_tables_and_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--environment", "local", "--scenario", "loss-of-primary", "--output", str(tmp_path)]
    assert main(["drill", *options]) == 0
    assert "passed  Loss of the primary region" in capsys.readouterr().out
    picture = (tmp_path / "loss-of-primary.svg").read_text()
    assert "us-east-1" in picture
    assert "us-west-2" in picture
