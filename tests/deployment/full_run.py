"""One full life of the platform in the local AWS: deployed, used, looked at, destroyed; and what was seen."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import Mock

from configuration import load_environment
from ops.local import emulator, inventory
from ops.local.check import Context
from ops.local.checks import checks_for
from ops.local.deployment import Deployment
from ops.local.exercise import Outcome, exercise
from ops.local.inventory import Kind
from ops.local.progress import Step
from ops.local.stacks import StackRef, resources_of
from ops.local.state import State
from ops.local.target import Target
from tests.deployment import remains

ENVIRONMENT = "local"


@dataclass(frozen=True, kw_only=True)
class FullRun:
    """What was seen.

    Attributes:
        regions: those of the environment.
        synthesised: the stacks of the assembly.
        counts: how many resources of each kind every deployed stack had.
        stand_ins: the types of which a stack had nothing but a stand-in.
        outcomes: what became of each check.
        stacks_left: the stacks that were still there after the destruction, but for the bootstrap's.
        resources: how many there were besides the bootstrap's while the platform stood.
        resources_left: those that were still there after the destruction, by region, service and name.
        seconds: how long everything took.
    """

    regions: list[str]
    synthesised: list[StackRef]
    counts: dict[StackRef, Counter[Kind]]
    stand_ins: set[str]
    outcomes: list[Outcome]
    stacks_left: list[str]
    resources: int
    resources_left: list[str]
    seconds: float


def run(folder: Path) -> FullRun:
    """Live it, with every IAM policy enforced, in a local AWS of its own."""
    since = time.monotonic()
    environment = load_environment(ENVIRONMENT)
    state = State(folder)
    state.prepare()
    with _local_aws(state, environment.account) as target:
        deployment = Deployment(environment=environment, chosen=ENVIRONMENT, target=target, state=state)
        for act in (deployment.synthesise, deployment.bootstrap):
            act(_step())
        before = _everything(target, deployment)
        deployment.deploy(_step())
        context = Context(environment=environment, target=target)
        outcomes = exercise(context, checks_for(environment), lambda _: None)
        classes = target.classes()
        counts = inventory.counts(deployment, classes)
        types = {one["ResourceType"] for stack in deployment.stacks for one in resources_of(target, stack)}
        deployed = _everything(target, deployment)
        deployment.diff(_step())
        deployment.destroy(_step())
        return FullRun(
            regions=[region.name for region in environment.regions],
            synthesised=deployment.stacks,
            counts=counts,
            stand_ins={name for name in types if inventory.kind_of(name, classes) == Kind.STAND_IN},
            outcomes=outcomes,
            stacks_left=[name for region in deployment.regions for name in _stacks(target, region)],
            resources=len(deployed - before),
            resources_left=remains.remaining(before, _everything(target, deployment)),
            seconds=time.monotonic() - since,
        )


@contextlib.contextmanager
def _local_aws(state: State, account: str) -> Iterator[Target]:
    server, running = emulator.start(
        state, environment=ENVIRONMENT, account=account, port=0, enforce_iam=True, outlives_us=False
    )
    try:
        yield Target(endpoint=running.endpoint, account=account)
    finally:
        server.stop()


def _everything(target: Target, deployment: Deployment) -> set[str]:
    found = ((region, name) for region in deployment.regions for name in remains.everything(target, region))
    return {f"{name} in {region}" for region, name in found}


def _step() -> Step:
    return Step(Mock(), Mock())


def _stacks(target: Target, region: str) -> Iterator[str]:
    pages = target.client("cloudformation", region).get_paginator("describe_stacks").paginate()
    return (
        f"{region} {stack['StackName']}: {stack['StackStatus']}"
        for page in pages
        for stack in page["Stacks"]
        if stack["StackName"] != "CDKToolkit"
    )
