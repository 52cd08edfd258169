"""The architecture's promises, held against every template."""

import json
import re

from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from tests.synthesis import PROJECT, Assembly

ONCE = {Stacks.GLOBAL, Stacks.ZONE, Stacks.EDGE}
BETWEEN_REGIONS = {Stacks.REPLICATION, Stacks.PEERING}
PER_REGION = set(Stacks) - ONCE - BETWEEN_REGIONS


def test_every_region_has_every_stack_and_what_is_global_stands_once(platform: Assembly) -> None:
    regions = {region.name for region in platform.environment.regions}
    services = PER_REGION | BETWEEN_REGIONS if len(regions) > 1 else PER_REGION
    expected: set[tuple[Stacks, str]] = {(service, region) for service in services for region in regions}
    expected |= {(service, GLOBAL_SERVICES_REGION) for service in ONCE}
    assert {(stack.service, stack.region) for stack in platform.stacks} == expected
    assert len(platform.stacks) == len(expected)


def test_no_stack_is_empty(platform: Assembly) -> None:
    assert [stack.name for stack in platform.stacks if not stack.resources] == []


def test_no_value_is_carried_between_regions_by_a_custom_resource(platform: Assembly) -> None:
    carried = [
        (stack.name, logical_id)
        for stack, logical_id, resource in platform.resources()
        if resource["Type"].startswith("Custom::CrossRegionExport")
    ]
    assert carried == []


def test_synthesis_asks_the_account_for_nothing(platform: Assembly) -> None:
    for manifest in platform.directory.rglob("manifest.json"):
        assert "missing" not in json.loads(manifest.read_text()), manifest


def test_the_constructs_folder_is_no_package() -> None:
    stray = list((PROJECT / "constructs").rglob("__init__.py"))
    assert stray == [], "an __init__.py here hides the PyPI package `constructs`: remove it"
    assert [path for path in (PROJECT / "tests").rglob("constructs") if path.is_dir()] == []


def test_the_functions_folder_is_a_source_root_and_no_package() -> None:
    assert not (PROJECT / "lambda" / "__init__.py").exists()


def test_stack_names_are_team_environment_service(platform: Assembly) -> None:
    for stack in platform.stacks:
        assert re.fullmatch(r"Acme-test-[A-Za-z]+-[a-z]{2}-[a-z]+-\d", stack.name), stack.name
