"""Some of a stage's stacks, to be deployed by a pipeline as one stage."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import cx_api
from constructs import Construct


class ReleaseUnit(cdk.Stage):
    """Stands for the named stacks of a synthesised stage; it defines nothing of its own.

    CDK Pipelines deploys whole stages, a release reaches one region after the other, and a stage that ``cdk deploy``
    brings up in the right order cannot be cut by constructs. So the cut is made in what was synthesised: the unit's
    assembly is the stage's, with fewer stacks, and the templates are the very files that ``cdk deploy`` takes.

    ``scope`` belongs to an app that is never synthesised, or the stacks would stand twice in the assembly.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, assembly: cx_api.CloudAssembly, stacks: Collection[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self._assembly = _only(Path(assembly.directory), stacks)

    def synth(self, *_arguments: Any, **_options: Any) -> cx_api.CloudAssembly:
        """The stage's assembly with the unit's stacks; it was synthesised with the stage, whatever the options."""
        return self._assembly


def stack_dependencies(assembly: cx_api.CloudAssembly) -> dict[str, list[str]]:
    """The stacks of an assembly by name, in a stable order, each with the names of those it waits for."""
    artifacts = _manifest(Path(assembly.directory))["artifacts"]
    names = {id_: artifact["properties"]["stackName"] for id_, artifact in artifacts.items() if _is_stack(artifact)}
    return {
        name: sorted(names[awaited] for awaited in artifacts[id_].get("dependencies", []) if awaited in names)
        for id_, name in sorted(names.items())
    }


def _only(directory: Path, stacks: Collection[str]) -> cx_api.CloudAssembly:
    """The assembly in ``directory`` with some of its stacks, and with the order between these alone."""
    manifest = _manifest(directory)
    kept = {
        id_: artifact
        for id_, artifact in manifest["artifacts"].items()
        if not _is_stack(artifact) or artifact["properties"]["stackName"] in stacks
    }
    for artifact in kept.values():
        artifact["dependencies"] = [id_ for id_ in artifact.get("dependencies", []) if id_ in kept]
    # An assembly knows its manifest by its place alone, so the unit's stands there while it is read.
    path = directory / _MANIFEST
    whole = path.read_bytes()
    try:
        path.write_text(json.dumps(manifest | {"artifacts": kept}), encoding="utf-8")
        return cx_api.CloudAssembly(str(directory))
    finally:
        path.write_bytes(whole)


def _manifest(directory: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _is_stack(artifact: dict[str, Any]) -> bool:
    return bool(artifact["type"] == "aws:cloudformation:stack")


_MANIFEST = "manifest.json"
