"""The benchmark of the functions' start: it measures every one of them, and can hold them to the goal."""

from __future__ import annotations

import pytest

from configuration.names import Stacks
from ops import benchmark
from ops.benchmark import FUNCTIONS
from tests.synthesis import environment, synthesise


def test_every_function_of_the_serverless_stack_is_measured() -> None:
    stack = synthesise(environment(regions=1)).stack(Stacks.SERVERLESS)
    handlers = [
        properties["Handler"]
        for properties in stack.properties("AWS::Lambda::Function")
        if properties["Runtime"].startswith("python")
    ]
    assert {f"{package}.handler.handler" for package in FUNCTIONS} == set(handlers)


def test_every_function_starts_and_its_time_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark.main(["--runs", "1"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(FUNCTIONS)
    assert all("imports in" in line for line in lines)


def test_a_goal_that_is_missed_fails_where_it_is_enforced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "GOAL_MILLISECONDS", -1e9)
    monkeypatch.setattr(benchmark, "FUNCTIONS", {"process_alarm": FUNCTIONS["process_alarm"]})
    assert benchmark.main(["--runs", "1"]) == 0
    assert benchmark.main(["--runs", "1", "--enforce"]) == 1


def test_the_imports_that_take_longest_are_named() -> None:
    found = benchmark.slowest_imports("process_alarm", region="eu-west-1")
    assert found
    assert all(line.endswith(line.split()[-1]) and " ms " in line for line in found)
