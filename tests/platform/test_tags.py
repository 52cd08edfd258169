"""Owner, Purpose and Environment on everything that CloudFormation can tag."""

import functools
import json
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.synthesis import Assembly

TAGS = {"Owner": "platform@acme.example", "Purpose": "Tests", "Environment": "test"}


@functools.cache
def tag_property(resource_type: str) -> str | None:
    """The property by which a type is tagged, by the registry's schema; None where it cannot be tagged."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    tagging = schema.get("tagging", {})
    if not tagging.get("taggable", schema.get("taggable", False)):
        return None
    name = str(tagging.get("tagProperty", "/properties/Tags")).removeprefix("/properties/")
    return name if name in schema["properties"] else None


def tags_of(resource: dict[str, Any], name: str) -> dict[str, str]:
    """A resource's tags, whichever of the two shapes its type uses."""
    tags = resource.get("Properties", {}).get(name, {})
    return tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}


def untagged(platform: Assembly) -> list[tuple[str, str, str]]:
    """Every taggable resource that lacks one of the three tags."""
    found = []
    for stack, logical_id, resource in platform.resources():
        resource_type = resource["Type"]
        if not resource_type.startswith("AWS::") or resource_type == "AWS::CloudFormation::CustomResource":
            continue
        name = tag_property(resource_type)
        if name and not tags_of(resource, name).items() >= TAGS.items():
            found.append((stack.name, logical_id, resource_type))
    return found


def is_cdk_provider(logical_id: str) -> bool:
    """Whether a resource belongs to a custom-resource provider that CDK writes past its own tagging."""
    return logical_id.startswith("Custom") and "CustomResourceProvider" in logical_id


def test_every_taggable_resource_bears_the_three_tags(platform: Assembly) -> None:
    assert [row for row in untagged(platform) if not is_cdk_provider(row[1])] == []


def test_the_stacks_pass_the_tags_on_to_what_no_template_can_tag(platform: Assembly) -> None:
    manifests = [json.loads(path.read_text()) for path in platform.directory.rglob("manifest.json")]
    stacks = [
        artifact["properties"]
        for manifest in manifests
        for artifact in manifest.get("artifacts", {}).values()
        if artifact["type"] == "aws:cloudformation:stack"
    ]
    assert len(stacks) == len(platform.stacks)
    for stack in stacks:
        assert stack["tags"].items() >= TAGS.items(), stack["stackName"]


def test_replicas_of_a_table_bear_the_tags(platform: Assembly) -> None:
    for _, logical_id, table in platform.resources("AWS::DynamoDB::GlobalTable"):
        for replica in table["Properties"]["Replicas"]:
            assert tags_of({"Properties": replica}, "Tags").items() >= TAGS.items(), logical_id
