"""Reads synthesised templates: policies, references and the order of stacks as plain values."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, Template

Statement = dict[str, Any]


def as_list(value: Any) -> list[Any]:
    """A policy's value, which may stand alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]


def text(value: Any) -> str:
    """A value with its references, as one text: a reference shows as ``${LogicalId}`` or ``${LogicalId.Attribute}``."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and len(value) == 1:
        ((function, argument),) = value.items()
        if function == "Ref":
            return f"${{{argument}}}"
        if function == "Fn::GetAtt":
            return f"${{{'.'.join(argument)}}}"
        if function == "Fn::ImportValue":
            return f"${{{text(argument)}}}"
        if function == "Fn::Join":
            separator, parts = argument
            return str(separator).join(text(part) for part in parts)
    return json.dumps(value)


def statements_of(document: dict[str, Any]) -> list[Statement]:
    """The statements of a policy document, with actions, resources and principals as lists of texts."""
    return [
        {
            **statement,
            "Action": [text(action) for action in as_list(statement.get("Action", []))],
            "Resource": [text(resource) for resource in as_list(statement.get("Resource", []))],
        }
        for statement in document["Statement"]
    ]


def role_statements(stack: StackTemplate, role_id: str) -> list[Statement]:
    """Every statement of the inline policies of a role."""
    found = []
    for policy in stack.of_type("AWS::IAM::Policy").values():
        if {"Ref": role_id} in policy["Properties"]["Roles"]:
            found += statements_of(policy["Properties"]["PolicyDocument"])
    for policy in stack.resources[role_id]["Properties"].get("Policies", []):
        found += statements_of(policy["PolicyDocument"])
    return found


def roles(stack: StackTemplate, service: str) -> list[str]:
    """The logical ids of the roles that a service may assume."""
    return [
        logical_id
        for logical_id, role in stack.of_type("AWS::IAM::Role").items()
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if service in as_list(statement["Principal"].get("Service", []))
    ]


def one(stack: StackTemplate, resource_type: str) -> dict[str, Any]:
    """The properties of the stack's only resource of a type."""
    (found,) = stack.properties(resource_type)
    return found


def changed(
    assembly: Assembly, service: Stacks, change: Callable[[Template], None], *, region: str | None = None
) -> Assembly:
    """A copy of an assembly in which one stack's resources are changed: a fault, to see that a check finds it."""
    wanted = assembly.stack(service, region)
    template = copy.deepcopy(wanted.template)
    change(template["Resources"])
    faulty = replace(wanted, template=template)
    return replace(assembly, stacks=tuple(faulty if stack is wanted else stack for stack in assembly.stacks))


def order(assembly: Assembly) -> dict[str, set[str]]:
    """By stack name, the names of the stacks that are deployed before it."""
    names: dict[str, str] = {}
    needs: dict[str, set[str]] = {}
    for artifact_id, artifact in _artifacts(assembly):
        if artifact["type"] == "aws:cloudformation:stack":
            names[artifact_id] = artifact["properties"]["stackName"]
            needs[artifact_id] = set(artifact.get("dependencies", []))
    return {names[stack]: {names[other] for other in others if other in names} for stack, others in needs.items()}


def _artifacts(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    for manifest in assembly.directory.rglob("manifest.json"):
        yield from json.loads(manifest.read_text()).get("artifacts", {}).items()
