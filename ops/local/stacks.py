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
    found = []
    for manifest in assembly.rglob("manifest.json"):
        for artifact in json.loads(manifest.read_text(encoding="utf-8")).get("artifacts", {}).values():
            if artifact["type"] == "aws:cloudformation:stack":
                region = artifact["environment"].rsplit("/", 1)[-1]
                found.append(StackRef(region, artifact["properties"]["stackName"]))
    return sorted(found)


def resources_of(target: Target, stack: StackRef) -> Iterator[Any]:
    """The resource summaries of a stack, as CloudFormation lists them."""
    pages = target.client("cloudformation", stack.region).get_paginator("list_stack_resources")
    for page in pages.paginate(StackName=stack.name):
        yield from page["StackResourceSummaries"]
