"""Another region's copy becomes the one that is written to: a change of the file, and no rebuild."""

import json
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from configuration import ConfigurationError, Environment, load_environment
from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, text

INSTANCE = "AWS::RDS::DBInstance"
HOME, NEW, THIRD = "us-east-1", "us-west-2", "eu-west-1"
PROMOTED = {"region": NEW, "promoted": True}


def described(**database: Any) -> Environment:
    return environment(regions=3, retain_data=True, database=database)


@pytest.fixture(scope="module")
def before() -> Assembly:
    return synthesise(described())


@pytest.fixture(scope="module")
def after() -> Assembly:
    return synthesise(described(writer_region=NEW, instances=[PROMOTED]))


def instances(assembly: Assembly, region: str) -> dict[str, dict[str, Any]]:
    return assembly.stack(Stacks.DATABASE, region).of_type(INSTANCE)


def differences(old: StackTemplate, new: StackTemplate) -> dict[str, set[str]]:
    """The properties, or other parts, that differ of each resource; an added or removed one differs in everything."""
    found = {}
    for logical_id in old.resources.keys() | new.resources.keys():
        was, is_ = (template.resources.get(logical_id, {}) for template in (old, new))
        parts = {**was, **was.get("Properties", {})}, {**is_, **is_.get("Properties", {})}
        changed = {name for name in parts[0].keys() | parts[1].keys() if parts[0].get(name) != parts[1].get(name)} - {
            "Properties",
            "Metadata",
        }
        if changed:
            found[logical_id] = changed
    return found


def test_the_copy_loses_its_source_and_nothing_else_of_it_changes(before: Assembly, after: Assembly) -> None:
    stacks = (assembly.stack(Stacks.DATABASE, NEW) for assembly in (before, after))
    changed = differences(*stacks)
    (instance_id,) = instances(before, NEW)
    assert changed.pop(instance_id) == {"SourceDBInstanceIdentifier"}
    assert "SourceDBInstanceIdentifier" not in instances(after, NEW)[instance_id]["Properties"]
    # There is no lag any more to watch.
    assert [before.stack(Stacks.DATABASE, NEW).resources[gone]["Type"] for gone in changed] == [
        "AWS::CloudWatch::Alarm"
    ]


def test_nothing_that_changes_replaces_an_instance(before: Assembly, after: Assembly) -> None:
    """By the registry's schema, where the source alone is a matter of conditions: its removal is the promotion.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html
    """
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(NEW, INSTANCE).schema
    replacing = {
        path.removeprefix("/properties/")
        for kind in ("createOnlyProperties", "conditionalCreateOnlyProperties")
        for path in schema[kind]
    } - {"SourceDBInstanceIdentifier"}
    for old in before.of(Stacks.DATABASE):
        new = after.stack(Stacks.DATABASE, old.region)
        assert old.of_type(INSTANCE).keys() == new.of_type(INSTANCE).keys()
        for logical_id in old.of_type(INSTANCE):
            assert differences(old, new).get(logical_id, set()) & replacing == set()


def test_the_other_regions_instances_are_left_alone(before: Assembly, after: Assembly) -> None:
    for region in (HOME, THIRD):
        assert instances(before, region) == instances(after, region)


def test_no_data_changes_hands_in_any_other_stack(before: Assembly, after: Assembly) -> None:
    """What else may change tells clients where to write; nothing comes, goes, or is replaced."""
    for old in before.stacks:
        if old.service is Stacks.DATABASE:
            continue
        new = after.stack(old.service, old.region)
        assert old.resources.keys() == new.resources.keys(), old.name


@pytest.mark.parametrize(
    "later",
    [
        {"instances": [PROMOTED]},
        {"writer_region": NEW, "instances": [PROMOTED], "instance_class": "m7g.xlarge"},
        {"writer_region": HOME, "instances": [PROMOTED]},
    ],
    ids=["writer forgotten", "another change", "home again"],
)
def test_a_later_deployment_does_not_undo_a_promotion(later: dict[str, Any]) -> None:
    ((_, found),) = instances(synthesise(described(**later)), NEW).items()
    assert "SourceDBInstanceIdentifier" not in found["Properties"]


def test_a_file_that_would_forget_the_promotion_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "test.yaml"
    good = described(writer_region=NEW, instances=[PROMOTED]).model_dump(mode="json")
    good["delivery"]["approval"] = "required"
    file.write_text(json.dumps(good))
    assert load_environment(str(file)).database.writer_region == NEW
    good["database"]["instances"] = []
    file.write_text(json.dumps(good))
    with pytest.raises(ConfigurationError, match=r"database\.writer_region: us-west-2\n    is no copy any more"):
        load_environment(str(file))


def test_until_the_rotation_has_moved_every_synthesis_warns(after: Assembly) -> None:
    (warning,) = set(after.warnings(f"Database-{NEW}"))
    assert "docs/runbooks/promote-database.md" in warning
    moved = synthesise(described(writer_region=NEW, instances=[PROMOTED], rotation_region=NEW))
    assert [moved.warnings(f"Database-{region}") for region in (HOME, NEW, THIRD)] == [[], [], []]


def test_the_rotation_moves_to_the_new_writer() -> None:
    moved = synthesise(described(writer_region=NEW, instances=[PROMOTED], rotation_region=NEW))
    ((stack, _, schedule),) = moved.resources("AWS::SecretsManager::RotationSchedule")
    assert stack.region == NEW
    secret = schedule["Properties"]["SecretId"]
    assert secret == f"arn:aws:secretsmanager:{NEW}:000000000000:secret:Acme-test-DatabaseCredentials"
    key = text(schedule["Properties"]["HostedRotationLambda"]["KmsKeyArn"])
    assert f"Acme-test-Security-{NEW}:" in key
    assert "DatabaseKey" in key


def test_a_rebuilt_instance_is_a_new_one_and_the_old_leaves_as_a_whole(after: Assembly) -> None:
    rebuilt = synthesise(
        described(
            writer_region=NEW,
            rotation_region=NEW,
            instances=[PROMOTED, *({"region": name, "generation": 2, "copied_from": NEW} for name in (HOME, THIRD))],
        )
    )
    for region in (HOME, THIRD):
        old, new = instances(after, region), instances(rebuilt, region)
        assert old.keys().isdisjoint(new)
        found = one(rebuilt.stack(Stacks.DATABASE, region), INSTANCE)
        assert found["DBInstanceIdentifier"] == "acme-test-database-2"
        assert found["SourceDBInstanceIdentifier"] == f"arn:aws:rds:{NEW}:000000000000:db:acme-test-database"
        # It was made with a final snapshot in mind.
        ((_, gone),) = old.items()
        assert gone["DeletionPolicy"] == "Snapshot"
    assert instances(after, NEW) == instances(rebuilt, NEW)
