"""The registry's schemas, as they judge the properties of an added type."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.registry_schema import InvalidPropertiesError, Schema, any_schema_of, schema_of

REGION = "us-west-2"
DEFINITION = {
    "properties": {
        "Name": {"type": "string", "minLength": 1, "pattern": "^[a-z]+$"},
        "Size": {"type": "integer", "minimum": 1, "maximum": 10},
        "Share": {"type": "number", "maximum": 1},
        "Enabled": {"type": "boolean"},
        "Colour": {"type": "string", "enum": ["red", "blue"]},
        "Level": {"type": "integer", "enum": [1, 2]},
        "Odd": {"type": "string", "pattern": r"^\p{L}+$"},
        "Labels": {"$ref": "#/definitions/Labels"},
        "Arn": {"type": "string"},
    },
    "definitions": {"Labels": {"type": "object"}},
    "additionalProperties": False,
    "required": ["Name"],
    "createOnlyProperties": ["/properties/Name"],
    "readOnlyProperties": ["/properties/Arn"],
    "primaryIdentifier": ["/properties/Name"],
    "tagging": {"taggable": True, "tagProperty": "/properties/Labels"},
}
SCHEMA = Schema("Own::Kind::Thing", DEFINITION)


@pytest.mark.parametrize(
    "properties",
    [
        {"Size": 3, "Share": 0.5, "Enabled": True},
        {"Size": "3", "Share": "0.5", "Enabled": "false", "Level": "2"},
        {"Colour": "red", "Odd": "anything, for its pattern is none in Python"},
    ],
)
def test_values_may_be_written_as_text(properties: dict[str, Any]) -> None:
    SCHEMA.validate({"Name": "own", **properties})


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({}, "#/: 'Name' is a required property"),
        ({"Name": "Own"}, "#/Name: 'Own' does not match the pattern ^[a-z]+$"),
        ({"Name": "own", "Size": "eleven"}, "#/Size: 'eleven' is not of type 'integer'"),
        ({"Name": "own", "Size": "11"}, "#/Size: 11.0 is greater than the maximum of 10"),
        ({"Name": "own", "Size": 0}, "#/Size: 0 is less than the minimum of 1"),
        ({"Name": "own", "Share": "much"}, "#/Share: 'much' is not of type 'number'"),
        ({"Name": "own", "Enabled": "yes"}, "#/Enabled: 'yes' is not of type 'boolean'"),
        ({"Name": "own", "Colour": "green"}, "#/Colour: 'green' is not one of red, blue"),
        ({"Name": "own", "Level": "3"}, "#/Level: '3' is not one of 1, 2"),
        ({"Name": "own", "Arn": "arn"}, "#/Arn: is read only"),
        ({"Name": "own", "Unknown": 1}, "Additional properties are not allowed ('Unknown' was unexpected)"),
    ],
)
def test_a_mistake_is_told_with_its_path(properties: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidPropertiesError) as refused:
        SCHEMA.validate(properties)
    assert problem in str(refused.value)
    assert SCHEMA.name in str(refused.value)


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(InvalidPropertiesError) as refused:
        SCHEMA.validate({"Name": "Own", "Size": 11, "Colour": "green"})
    assert len(str(refused.value).splitlines()) == 4


def test_what_replaces_a_resource_may_be_a_part_of_a_property() -> None:
    check = any_schema_of("AWS::Route53::HealthCheck")
    old = {"HealthCheckConfig": {"Type": "HTTPS", "Port": 443}}
    assert check.replaces(old, {"HealthCheckConfig": {"Type": "TCP", "Port": 443}})
    assert not check.replaces(old, {"HealthCheckConfig": {"Type": "HTTPS", "Port": 8443}})
    assert check.replaces(old, {})


def test_names_and_tags_are_known() -> None:
    assert SCHEMA.custom_name == "Name"
    assert SCHEMA.tags == ("Labels", "map")
    assert any_schema_of("AWS::WAFv2::IPSet").custom_name is None
    assert any_schema_of("AWS::EC2::EIP").tags == ("Tags", "list")
    assert any_schema_of("AWS::EC2::NetworkAclEntry").tags is None


def test_a_type_that_does_not_exist_is_told() -> None:
    with pytest.raises(LookupError, match="no type Own::Kind::Thing in the region us-west-2"):
        schema_of("Own::Kind::Thing", REGION)
    with pytest.raises(LookupError, match="knows no type Own::Kind::Thing"):
        any_schema_of("Own::Kind::Thing")
