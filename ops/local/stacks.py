"""The stacks of an assembly, and what CloudFormation says of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.local.target import Target


@dataclass(frozen=True, order=True)
class StackRef:
    """A stack by the two things that identify it within an account."""

    region: str
    name: str


def stacks_of(assembly: Path) -> list[StackRef]:
    """Every stack of a synthesised assembly, those of its stages too, by region and name."""
    return sorted(_stacks_of(assembly))


def _stacks_of(assembly: Path) -> Iterator[StackRef]:
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    for artifact in manifest.get("artifacts", {}).values():
        properties = artifact.get("properties", {})
        if artifact["type"] == "aws:cloudformation:stack":
            yield StackRef(artifact["environment"].rsplit("/", 1)[-1], properties["stackName"])
        elif artifact["type"] == "cdk:cloud-assembly":
            yield from _stacks_of(assembly / properties["directoryName"])


def resources_of(target: Target, stack: StackRef) -> Iterator[Any]:
    """The resource summaries of a stack, as CloudFormation lists them."""
    pages = target.client("cloudformation", stack.region).get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack.name):
        yield from page["StackResourceSummaries"]
