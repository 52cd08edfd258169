"""The drill as a command, and the scenario files it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.failover import drill
from ops.failover.example import REGIONS
from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch
from ops.failover.scenario_file import ScenarioError, load_scenario

SCENARIO = f"""
name: short
title: A short loss
duration: 100
events:
  - {{at: 5, action: lose, regions: [{REGIONS[0]}]}}
  - {{at: 95, action: restore, regions: [{REGIONS[0]}]}}
watches:
  - {{criterion: recovered, start: 5, end: 95}}
"""


def load(tmp_path: Path, text: str) -> Scenario:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    return load_scenario(path, regions=REGIONS, switches=frozenset(REGIONS[:1]))


def refusal(tmp_path: Path, text: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        load(tmp_path, text)
    return str(raised.value)


def test_all_scenarios_run_by_default_and_leave_tables_and_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drill.main(["--output", str(tmp_path / "drill")]) == 0
    written = sorted(path.name for path in (tmp_path / "drill").iterdir())
    assert len(written) == 18
    assert {"flapping.svg", "flapping.txt"} <= set(written)
    assert capsys.readouterr().out.count("passed  ") == 9


def test_a_scenario_of_ones_own_runs_from_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "short.yaml").write_text(SCENARIO)
    assert drill.main(["--scenario", str(tmp_path / "short.yaml"), "--output", str(tmp_path), "--speed", "2000"]) == 0
    assert "passed  A short loss" in capsys.readouterr().out


def test_a_limit_that_is_not_kept_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "short.yaml").write_text(SCENARIO.replace("recovered", "failed requests"))
    assert drill.main(["--scenario", str(tmp_path / "short.yaml"), "--output", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "FAILED  A short loss" in shown
    assert "NO  failed requests" in shown


def test_a_seed_changes_the_moments_and_not_the_verdict(tmp_path: Path) -> None:
    tables = []
    for seed in ("1", "2", "1"):
        assert drill.main(["--scenario", "loss-of-two", "--seed", seed, "--output", str(tmp_path)]) == 0
        tables.append((tmp_path / "loss-of-two.txt").read_text())
    assert tables[0] == tables[2] != tables[1]


def test_an_unknown_scenario_is_refused_with_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert drill.main(["--scenario", "loss-of-everything"]) == 1
    shown = capsys.readouterr().err
    assert "'loss-of-everything': is none of all, loss-of-primary" in shown
    assert "Traceback" not in shown


def test_an_application_that_does_not_start_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--scenario", "flapping", "--output", str(tmp_path), "--application", "no-such-command {port}"]
    assert drill.main([*arguments, "--set", "NAME=value", "--ready-path", "/"]) == 1
    assert "no-such-command: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--speed", "0"], ["--speed", "fast"], ["--set", "novalue"]])
def test_arguments_that_make_no_sense_are_usage_errors(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        drill.main(arguments)
    assert raised.value.code == 2


def test_a_scenario_file_is_read_whole(tmp_path: Path) -> None:
    read = load(tmp_path, SCENARIO)
    assert read.events[0] == Event(at=5, action=Action.LOSE, regions=REGIONS[:1])
    assert read.watches == (Watch(criterion=Criterion.RECOVERED, start=5, end=95),)
    assert (read.name, read.title, read.duration) == ("short", "A short loss", 100)


def test_every_mistake_of_form_is_reported_together(tmp_path: Path) -> None:
    text = refusal(
        tmp_path,
        """
name: Not Good
title: x
duration: 100
extra: 1
events:
  - {at: -1, action: explode, regions: []}
  - {at: 1, action: slow, regions: [a]}
  - {at: 1, action: sicken, regions: [a]}
watches: []
""",
    )
    for expected in (
        "name: 'Not Good'",
        "extra: 1",
        "events.0.at: -1",
        "events.0.action: 'explode'",
        "events.0.regions: []",
        "delay belongs to",
        "paths belong to",
        "watches: []",
    ):
        assert expected in text


def test_every_misfit_with_the_platform_is_reported_together(tmp_path: Path) -> None:
    text = refusal(
        tmp_path,
        f"""
name: misfit
title: x
duration: 100
events:
  - {{at: 200, action: lose, regions: [nowhere]}}
  - {{at: 1, action: switch out, regions: [{REGIONS[1]}]}}
watches:
  - {{criterion: detected, start: 10, end: 10}}
  - {{criterion: drained, start: 10, end: 20, regions: [elsewhere]}}
""",
    )
    for expected in (
        "events.0.regions: 'nowhere': is none of the regions",
        "events.0.at: 200: is not before the end",
        f"events.1.regions: '{REGIONS[1]}': has no operator's switch",
        "watches.0.end: 10: must be after its start 10",
        "watches.0.regions: is empty, and 'detected' is about regions",
        "watches.1.regions: 'elsewhere': is none of the regions",
    ):
        assert expected in text


@pytest.mark.parametrize(("text", "rule"), [("a: [", "is no YAML"), ("just text", "the file: 'just text'")])
def test_what_is_no_scenario_at_all_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    assert rule in refusal(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        load_scenario(tmp_path / "none.yaml", regions=REGIONS, switches=frozenset())
