"""The provided environment files, their schema, and how little a further region takes."""

import json

import jsonschema
import pytest
import yaml

from configuration import load_environment
from configuration.loading import ENVIRONMENTS, available_environments
from ops.schema import SCHEMA, schema
from tests.synthesis import environment, synthesise


def test_the_schema_is_fresh() -> None:
    assert SCHEMA.read_text() == schema(), "the model changed: run `make schema`"


@pytest.mark.parametrize("name", available_environments())
def test_the_schema_accepts_every_provided_file(name: str) -> None:
    file = yaml.safe_load((ENVIRONMENTS / f"{name}.yaml").read_text())
    jsonschema.validate(file, json.loads(SCHEMA.read_text()))


def test_the_schema_underlines_what_the_loader_refuses() -> None:
    file = yaml.safe_load((ENVIRONMENTS / "dev.yaml").read_text())
    for key, value in (("db_backup_retention_days", 0), ("team", "acme"), ("colour", "blue"), ("account", 1)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(file | {key: value}, json.loads(SCHEMA.read_text()))


def test_the_provided_environments_have_the_promised_regions() -> None:
    loaded = {name: load_environment(name) for name in available_environments()}
    assert {name: len(found.regions) for name, found in loaded.items()} == {
        "local": 2,
        "dev": 2,
        "staging": 3,
        "prod": 3,
    }
    for name in ("staging", "prod"):
        continents = {region.name.split("-")[0] for region in loaded[name].regions}
        assert len(continents) > 1


def test_two_lines_add_a_region() -> None:
    """No template of the regions that were there before changes its set of resources' types."""
    before, after = (synthesise(environment(regions=count)) for count in (2, 3))
    added = {stack.name for stack in after.stacks} - {stack.name for stack in before.stacks}
    assert added
    assert all(name.endswith("eu-west-1") or "eu-west-1" in name for name in added)
