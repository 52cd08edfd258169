"""What the CloudFormation registry says about a resource type, as cfn-lint ships it.

https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema
from cfnlint.helpers import REGIONS
from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from jsonschema.validators import extend

from local_aws.clients import text

_MISSING = object()
_LIMITS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


class InvalidPropertiesError(ValueError):
    """Properties that the type's schema refuses; the text names each with its path, as CloudFormation does."""


@dataclass(frozen=True)
class Schema:
    """One type's schema.

    Attributes:
        name: the type, such as ``AWS::EC2::EIP``.
        definition: the schema itself.
    """

    name: str
    definition: Mapping[str, Any]

    @property
    def create_only(self) -> tuple[str, ...]:
        """The properties whose change replaces the resource, as paths of names joined by ``/``."""
        return self._paths("createOnlyProperties")

    @property
    def read_only(self) -> tuple[str, ...]:
        """The attributes a template may get, as paths."""
        return self._paths("readOnlyProperties")

    @property
    def identifier(self) -> tuple[str, ...]:
        """What identifies a resource, as paths."""
        return self._paths("primaryIdentifier")

    @property
    def custom_name(self) -> str | None:
        """The one property that names the resource, where a template may set it and can't change it."""
        if len(self.identifier) != 1 or self.identifier[0] not in self.create_only or "/" in self.identifier[0]:
            return None
        return self.identifier[0]

    @property
    def tags(self) -> tuple[str, str] | None:
        """The property that holds tags and its form, ``list`` or ``map``; None for a type without tags."""
        tagging = self.definition.get("tagging", {})
        path = tagging.get("tagProperty", "/properties/Tags").removeprefix("/properties/")
        if tagging.get("taggable") is False or path not in self.definition.get("properties", {}):
            return None
        kinds = self._resolve(self.definition["properties"][path]).get("type", "array")
        return path, "map" if kinds == "object" or kinds == ["object"] else "list"

    def replaces(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
        """Whether the change from one set of properties to another needs a new resource."""
        return any(value_at(old, path) != value_at(new, path) for path in self.create_only)

    def validate(self, properties: Mapping[str, Any]) -> None:
        """Hold properties against the schema; numbers and booleans may be texts, as in any template.

        Raises:
            InvalidPropertiesError: every mistake, with its path.
        """
        problems = [
            f"#/{'/'.join(str(step) for step in error.absolute_path)}: {error.message}"
            for error in _validator_for(self.definition).iter_errors(dict(properties))
        ]
        problems += [
            f"#/{path}: is read only"
            for path in self.read_only
            if path not in self.create_only and value_at(properties, path) is not _MISSING
        ]
        if problems:
            raise InvalidPropertiesError(
                f"Properties validation failed for a resource of type {self.name} with message:\n"
                + "\n".join(sorted(problems))
            )

    def _paths(self, keyword: str) -> tuple[str, ...]:
        return tuple(path.removeprefix("/properties/") for path in self.definition.get(keyword, ()))

    def _resolve(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        reference = part.get("$ref", "")
        found: Mapping[str, Any] = (
            self.definition["definitions"][reference.removeprefix("#/definitions/")] if reference else part
        )
        return found


def schema_of(name: str, region: str) -> Schema:
    """The schema of a type in a region.

    Raises:
        LookupError: the type doesn't exist there.
    """
    try:
        found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, name)
    except (ResourceNotFoundError, KeyError):
        raise LookupError(f"CloudFormation knows no type {name} in the region {region}") from None
    return Schema(name, found.schema)


@functools.cache
def any_schema_of(name: str) -> Schema:
    """The schema of a type in whichever region has it; what replaces a resource is the same everywhere.

    Raises:
        LookupError: no region has the type.
    """
    for region in REGIONS:
        try:
            return schema_of(name, region)
        except LookupError:
            continue
    raise LookupError(f"CloudFormation knows no type {name}")


def value_at(properties: Mapping[str, Any], path: str) -> Any:
    """The value at a path of names joined by ``/``; an object of its own kind where there is none."""
    found: Any = properties
    for step in path.split("/"):
        if not isinstance(found, Mapping) or step not in found:
            return _MISSING
        found = found[step]
    return found


def _types() -> Any:
    """JSON's types as a template may write them: a number or a boolean may be a text, and a text a number."""
    strict = jsonschema.Draft7Validator.TYPE_CHECKER  # the draft the registry's schemas are written in

    def is_number(_: Any, value: Any) -> bool:
        return strict.is_type(value, "number") or (isinstance(value, str) and bool(_NUMBER.fullmatch(value)))

    def is_integer(_: Any, value: Any) -> bool:
        return strict.is_type(value, "integer") or (isinstance(value, str) and value.lstrip("-").isdigit())

    def is_boolean(_: Any, value: Any) -> bool:
        return isinstance(value, bool) or (isinstance(value, str) and value.lower() in ("true", "false"))

    def is_string(_: Any, value: Any) -> bool:
        return isinstance(value, str | int | float)

    return strict.redefine_many(
        {"number": is_number, "integer": is_integer, "boolean": is_boolean, "string": is_string}
    )


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Any:
    """JSON Schema's pattern, but for one that is no regular expression in Python."""
    if isinstance(value, str):
        try:
            fits = re.search(pattern, value)
        except re.error:
            return
        if not fits:
            yield jsonschema.ValidationError(f"{value!r} does not match the pattern {pattern}")


def _enumeration(_: Any, allowed: list[Any], value: Any, __: Any) -> Any:
    """JSON Schema's enum, but that a number or a boolean may be written as a text, and the other way round."""
    if value not in allowed and text(value) not in map(text, allowed):
        yield jsonschema.ValidationError(f"{value!r} is not one of {', '.join(map(str, allowed))}")


def _limit(keyword: str) -> Any:
    """One of JSON Schema's limits of a number, which may be written as a text."""
    strictly = jsonschema.Draft7Validator.VALIDATORS[keyword]

    def limit(validator: Any, bound: float, value: Any, schema: Any) -> Any:
        number = float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
        yield from strictly(validator, bound, number, schema) or ()

    return limit


@functools.cache
def _validator_class() -> Any:
    make: Any = extend  # untyped
    limits = {keyword: _limit(keyword) for keyword in _LIMITS}
    own = {"pattern": _pattern, "enum": _enumeration, **limits}
    return make(jsonschema.Draft7Validator, own, type_checker=_types())


_validators: dict[int, Any] = {}


def _validator_for(definition: Mapping[str, Any]) -> Any:
    # cfn-lint keeps one definition per region for as long as the process lives.
    if id(definition) not in _validators:
        _validators[id(definition)] = _validator_class()(definition)
    return _validators[id(definition)]
