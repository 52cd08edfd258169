"""The waves of a release: nothing waits for what comes later, whatever the file says of the order."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from constructs.delivery.release_plan import FOUNDATION, Wave, release_waves

from tests.synthesis import Assembly, environment, synthesise
from tests.template_reading import order

NAMES = ("us-east-1", "us-west-2", "eu-west-1")


def waves(dependencies: dict[str, set[str]], regions: int, **delivery: Any) -> tuple[Wave, ...]:
    described = environment(regions=regions, delivery={"repository": "acme/platform", **delivery})
    return release_waves(described, {name: sorted(awaited) for name, awaited in sorted(dependencies.items())})


def platform_stacks(assembly: Assembly) -> dict[str, set[str]]:
    return {name: awaited for name, awaited in order(assembly).items() if "-CICD-" not in name}


def settings(regions: int) -> Iterator[dict[str, Any]]:
    """Every canary, both orders, with each other region lost in turn or none."""
    names = NAMES[:regions]
    for canary, others, lost in product(names, ("parallel", "sequential"), (None, *names)):
        if lost != canary:
            active = next(name for name in names if name != lost)
            yield {
                "canary_region": canary,
                "other_regions": others,
                "active_region": active,
                "lost_regions": [lost] if lost else [],
            }


def test_whatever_a_stack_waits_for_is_deployed_before_or_with_it(platform: Assembly) -> None:
    dependencies = platform_stacks(platform)
    regions = len(platform.environment.regions)
    for chosen in settings(regions):
        position = {
            stack: (at, unit.name)
            for at, wave in enumerate(waves(dependencies, regions, **chosen))
            for unit in wave.units
            for stack in unit.stacks
        }
        for stack, (at, unit) in position.items():
            for awaited in dependencies[stack] & position.keys():
                before, its_unit = position[awaited]
                assert before < at or its_unit == unit, (stack, awaited, chosen)


def test_every_stack_is_deployed_once_but_those_of_lost_regions(platform: Assembly) -> None:
    dependencies = platform_stacks(platform)
    regions = len(platform.environment.regions)
    for chosen in settings(regions):
        lost = tuple(f"-{name}" for name in chosen["lost_regions"])
        found = [
            stack for wave in waves(dependencies, regions, **chosen) for unit in wave.units for stack in unit.stacks
        ]
        assert sorted(found) == sorted(name for name in dependencies if not lost or not name.endswith(lost)), chosen


def test_the_canary_comes_before_the_other_regions_and_bakes_by_its_own_measure() -> None:
    dependencies = platform_stacks(synthesise(environment(regions=3)))
    for canary in NAMES:
        found = waves(dependencies, 3, canary_region=canary, canary_bake_minutes=30, bake_minutes=4)
        bakes = [(unit.region, unit.bake_minutes) for wave in found for unit in wave.units if unit.region]
        assert bakes[0] == (canary, 30)
        assert bakes[1:] == [(name, 4) for name in NAMES if name != canary]


def test_only_what_another_region_waits_for_goes_ahead_of_the_canary() -> None:
    dependencies = platform_stacks(synthesise(environment(regions=3)))
    first = waves(dependencies, 3)[0]
    assert first.name == FOUNDATION
    ahead = set(first.units[0].stacks)
    for stack in ahead:
        waiting = {other for other, awaited in dependencies.items() if stack in awaited}
        assert waiting & ahead or {name for name in waiting if name[-9:] != stack[-9:]}, stack
    # With the home region as canary nothing that serves is among them.
    serving = ("Compute", "Serverless", "CDN", "DNS", "Database", "Monitoring")
    assert [stack for stack in ahead if stack.split("-")[2] in serving] == []


def test_what_stands_once_goes_last_where_its_region_is_none_of_the_platforms() -> None:
    described = environment(regions=1).model_copy(
        update={"regions": environment(regions=3).regions[1:2], "cross_region_replication_region": None}
    )
    dependencies: dict[str, list[str]] = {
        "Acme-test-Edge-us-east-1": [],
        "Acme-test-Global-us-east-1": [],
        "Acme-test-CDN-us-west-2": [],
    }
    found = [[unit.stacks for unit in wave.units] for wave in release_waves(described, dependencies)]
    assert found == [
        [("Acme-test-CDN-us-west-2",)],
        [("Acme-test-Edge-us-east-1", "Acme-test-Global-us-east-1")],
    ]


def test_units_of_one_wave_do_not_wait_for_each_other() -> None:
    dependencies = {
        "Acme-test-Security-us-east-1": set[str](),
        "Acme-test-Database-us-west-2": set[str](),
        "Acme-test-Database-eu-west-1": {"Acme-test-Database-us-west-2"},
    }
    found = [[unit.stacks for unit in wave.units] for wave in waves(dependencies, 3)]
    assert found == [
        [("Acme-test-Database-us-west-2",)],
        [("Acme-test-Security-us-east-1",)],
        [("Acme-test-Database-eu-west-1",)],
    ]


def test_an_environment_without_delivery_has_no_releases() -> None:
    with pytest.raises(ValueError, match="no releases"):
        release_waves(environment(delivery=None), {})


def test_an_environment_without_delivery_has_no_pipeline_and_no_artifacts() -> None:
    assembly = synthesise(environment(regions=1, delivery=None))
    assert [stack.name for stack in assembly.stacks if "CICD" in stack.name] == []
