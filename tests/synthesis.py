"""Synthesises the real app once per configuration and hands the result out as plain JSON."""

import atexit
import functools
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from configuration import Environment
from configuration.names import Stacks
from ops import gates

PROJECT = gates.PROJECT
Template = dict[str, Any]
REGIONS = (
    {"name": "us-east-1", "cidr": "10.10.0.0/16"},
    {"name": "us-west-2", "cidr": "10.20.0.0/16"},
    {"name": "eu-west-1", "cidr": "10.30.0.0/16"},
)


def environment(*, regions: int | Sequence[Mapping[str, str]] = 2, **values: Any) -> Environment:
    """A valid environment with so many regions, or with these; ``values`` replace or add keys of its file."""
    chosen = REGIONS[:regions] if isinstance(regions, int) else tuple(regions)
    raw = {
        "team": "Acme",
        "environment": "test",
        "owner": "platform@acme.example",
        "purpose": "Tests",
        "account": "000000000000",
        "regions": chosen,
        "cross_region_replication_region": chosen[1]["name"] if len(chosen) > 1 else None,
        "domain": {"name": "test.acme.example"},
        "allowed_cidr": ["203.0.113.0/24"],
        "db_backup_retention_days": 7,
        "retain_data": False,
        "delivery": {"repository": "acme/platform"},
    }
    return Environment.model_validate_json(json.dumps(raw | values))


DETECTORS = ("guard_duty", "security_hub", "inspector", "macie", "access_analyzer")
"""What an environment file switches on for an account and a region, by its key below ``security``."""


def everything(*, regions: int = 2, retain_data: bool = True) -> Environment:
    """An environment in which everything is on that a file can switch on."""
    firewall = {"enabled": True}
    names = [region["name"] for region in REGIONS[:regions]]
    certificate = "arn:aws:acm:{}:000000000000:certificate/00000000-0000-0000-0000-000000000000"
    custom_domain = {
        "name": "api.test.acme.example",
        "certificates": {name: certificate.format(name) for name in names},
    }
    return environment(
        regions=regions,
        retain_data=retain_data,
        network={"between_regions": "transit-gateway", "ssh": {"enabled": True}},
        compute={"waf": firewall, "containers": {"exec": True}},
        cdn={"waf": firewall, "dynamic_paths": ["/items/*"], "countries": {"allow": ["DE", "US"]}},
        serverless={
            "api": {"waf": firewall, "custom_domain": custom_domain},
            "reserved_concurrency": {"process_object": 10, "process_alarm": 2, "process_config_change": 2, "api": 10},
        },
        security=dict.fromkeys(DETECTORS, "create"),
        compliance={"auto_remediation": True},
        monitoring={"cost_anomaly_dollars": 100},
        database={"rotation": "own"},
        subscriptions=[
            {"topic": "alerts", "protocol": "email", "endpoint": "oncall@acme.example"},
            {"topic": "notifications", "protocol": "https", "endpoint": "https://hook.acme.example/x"},
            {"topic": "notifications", "protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:000000000000:audit"},
        ],
    )


@dataclass(frozen=True, kw_only=True)
class StackTemplate:
    """One synthesised stack."""

    name: str
    service: Stacks
    region: str
    template: Template
    path: Path

    @property
    def resources(self) -> dict[str, Template]:
        """The stack's resources by logical id."""
        found: dict[str, Template] = self.template.get("Resources", {})
        return found

    def of_type(self, resource_type: str) -> dict[str, Template]:
        """The resources of one type by logical id."""
        return {id_: found for id_, found in self.resources.items() if found["Type"] == resource_type}

    def properties(self, resource_type: str) -> list[Template]:
        """The properties of every resource of one type."""
        return [found.get("Properties", {}) for found in self.of_type(resource_type).values()]


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """Everything one environment synthesises to."""

    environment: Environment
    directory: Path
    stacks: tuple[StackTemplate, ...]

    def stack(self, service: Stacks, region: str | None = None) -> StackTemplate:
        """The stack of a service in a region, the home region by default."""
        wanted = region or self.environment.home.name
        return next(found for found in self.stacks if (found.service, found.region) == (service, wanted))

    def of(self, service: Stacks) -> tuple[StackTemplate, ...]:
        """The stacks of a service in every region."""
        return tuple(found for found in self.stacks if found.service == service)

    def resources(self, *types: str) -> Iterator[tuple[StackTemplate, str, Template]]:
        """Every resource (of the given types), with its stack and logical id."""
        for stack in self.stacks:
            for logical_id, resource in stack.resources.items():
                if not types or resource["Type"] in types:
                    yield stack, logical_id, resource

    def warnings(self, stack: str) -> list[str]:
        """What CDK warns of in the stacks whose name after the team and the environment begins with ``stack``."""
        return [
            str(note["data"])
            for manifest in self.directory.rglob("*.json")
            for note in _notes(json.loads(manifest.read_text()), stack)
            if note["type"] == "aws:cdk:warning"
        ]


def _notes(document: Any, stack: str) -> list[dict[str, Any]]:
    if isinstance(document, dict):
        found = []
        for key, value in document.items():
            if key.startswith("/") and f"/{stack}" in key and isinstance(value, list):
                found += [note for note in value if isinstance(note, dict) and "type" in note]
            else:
                found += _notes(value, stack)
        return found
    if isinstance(document, list):
        return [note for item in document for note in _notes(item, stack)]
    return []


def synthesise(described: Environment) -> Assembly:
    """The assembly of an environment; the same environment is synthesised once per process.

    Without the built-in template validation and without bundling, which have tests of their own: the first
    costs seconds for every synthesis, the second copies archives nobody reads here.
    """
    return _synthesise(described.model_dump_json())


@functools.cache
def _synthesise(described: str) -> Assembly:
    environment = Environment.model_validate_json(described)
    directory = Path(tempfile.mkdtemp(prefix="assembly-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    gates.synthesise(environment, directory, nag=False)
    return Assembly(environment=environment, directory=directory, stacks=tuple(_read(directory)))


def _read(directory: Path) -> Iterator[StackTemplate]:
    for manifest_path in sorted(directory.rglob("manifest.json")):
        manifest = json.loads(manifest_path.read_text())
        for artifact in manifest.get("artifacts", {}).values():
            if artifact["type"] != "aws:cloudformation:stack":
                continue
            name = artifact["properties"]["stackName"]
            path = manifest_path.parent / artifact["properties"]["templateFile"]
            yield StackTemplate(
                name=name,
                service=Stacks(name.split("-")[2]),
                region=artifact["environment"].rsplit("/", 1)[-1],
                template=json.loads(path.read_text()),
                path=path,
            )
