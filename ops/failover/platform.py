"""The platform of an environment file as a drill sees it: its records and health checks as they would be deployed."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from configuration import Environment
from configuration.failover.budget import failover_budget
from configuration.failover.promises import failover_settings
from configuration.names import Stacks
from ops import gates
from ops.failover.intended import load_balancer_name, region_designs
from ops.failover.intrinsics import RECORD, Template
from ops.failover.records import Zone
from ops.failover.template import read_zone
from ops.failover.topology import CHECKERS, Topology, clients_near

_CLIENTS_PER_REGION = 4
_LOAD_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def platform_topology(environment: Environment, zone: Zone, *, checkers: int = CHECKERS) -> Topology:
    """The platform with these records and health checks, asked by clients near each of its regions.

    The budget to keep is that of ``app``, the application asked by its public name.

    Raises:
        TopologyError: a record or check leads to nothing that the environment has.
    """
    names = [region.name for region in environment.regions]
    settings = failover_settings(environment.routing, environment.cdn)
    designs = region_designs(environment)
    return Topology(
        zone=zone,
        name=environment.domain.application,
        regions=tuple(names),
        targets={design.target: design.region for design in designs},
        endpoints={design.regional: design.region for design in designs},
        switches={"".join(design.switch): design.region for design in designs if design.switch},
        clients=clients_near(names, each=_CLIENTS_PER_REGION, hold=settings.client_hold),
        budget=failover_budget(settings).path("app"),
        propagation=settings.propagation_allowance,
        checkers=checkers,
        deep_path=environment.routing.deep_health_path or Topology.deep_path,
    )


def synthesised_zone(environment: Environment) -> Zone:
    """The zone as the environment's templates have it, synthesised for the purpose, which takes seconds."""
    with tempfile.TemporaryDirectory() as directory:
        gates.synthesise(environment, Path(directory), nag=False)
        return assembled_zone(environment, Path(directory))


def assembled_zone(environment: Environment, directory: Path) -> Zone:
    """The zone as the templates of a synthesised assembly have it, without the CDN's names.

    A load balancer is known by what ``load_balancer_name`` says, because only a deployment makes its own name.
    """
    templates = dict(_templates(environment, directory))
    values = {
        f"{stack}.{logical_id}.DNSName": load_balancer_name(region)
        for region in environment.regions
        for stack in [environment.names.stack(Stacks.COMPUTE, region.name)]
        for logical_id, resource in templates[stack]["Resources"].items()
        if resource["Type"] == _LOAD_BALANCER
    }
    internal = tuple(environment.domain.internal_in(region) for region in environment.regions)
    return read_zone({stack: _public(template, internal) for stack, template in templates.items()}, values)


def _templates(environment: Environment, directory: Path) -> Iterator[tuple[str, Template]]:
    """The templates that hold the application's records, and the compute stacks' that these refer to, by stack name."""
    services = (Stacks.GLOBAL, Stacks.DNS, Stacks.COMPUTE)
    wanted = tuple(f"{environment.names.resource(service)}-" for service in services)
    for manifest in sorted(directory.rglob("manifest.json")):
        artifacts: Mapping[str, Any] = json.loads(manifest.read_text()).get("artifacts", {})
        for artifact in artifacts.values():
            properties = artifact.get("properties", {})
            if artifact["type"] == "aws:cloudformation:stack" and properties["stackName"].startswith(wanted):
                yield properties["stackName"], json.loads((manifest.parent / properties["templateFile"]).read_text())


def _public(template: Template, internal: tuple[str, ...]) -> Template:
    """A template without the records of private zones, which belong to zones of their own."""
    resources = {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] != RECORD or not resource["Properties"]["Name"].rstrip(".").endswith(internal)
    }
    return {**template, "Resources": resources}
