"""What is there: of each stack, how much is real, how much a mere record, how much a stand-in."""

from collections import Counter
from enum import StrEnum
from itertools import groupby
from typing import Any

from rich.table import Table

from configuration.names import Bucket, Topic
from ops.local.deployment import Deployment
from ops.local.stacks import StackRef, resources_of


class Kind(StrEnum):
    """What stands behind a resource in the local AWS."""

    REAL = "real"
    METADATA = "metadata only"
    STAND_IN = "stand-in"


_MEANING = {
    Kind.REAL: "behaves as on AWS as far as this platform uses it",
    Kind.METADATA: "is recorded and can be queried, but nothing runs behind it",
    Kind.STAND_IN: "is accepted by CloudFormation and exists nowhere else",
}


def kind_of(resource_type: str, classes: dict[str, Any]) -> Kind:
    """What stands behind a type, by the local AWS's own word; the function of a custom resource really ran."""
    found = classes.get(resource_type)
    if found is None:
        return Kind.REAL
    if found["provider"] == "stand-in":
        return Kind.STAND_IN
    return Kind.METADATA if found["metadata_only"] else Kind.REAL


def counts(deployment: Deployment, classes: dict[str, Any]) -> dict[StackRef, Counter[Kind]]:
    """How many resources of each kind every stack has."""
    return {
        stack: Counter(
            kind_of(resource["ResourceType"], classes) for resource in resources_of(deployment.target, stack)
        )
        for stack in deployment.stacks
    }


def table(deployment: Deployment) -> Table:
    """One row for each stack, grouped by region, and a sum."""
    found = counts(deployment, deployment.target.classes())
    total: Counter[Kind] = sum(found.values(), Counter())
    prefix = deployment.environment.names.prefix
    shown = Table(title=f"Resources of {prefix}", title_justify="left", show_footer=True, caption_justify="left")
    shown.caption = "\n".join(f"{kind.capitalize()}: {meaning}." for kind, meaning in _MEANING.items())
    shown.add_column("Region", footer="all")
    shown.add_column("Stack", footer=f"{len(found)} stacks")
    for kind in Kind:
        shown.add_column(kind.capitalize(), justify="right", footer=str(total[kind]))
    for region, group in groupby(found, key=lambda stack: stack.region):
        shown.add_section()
        for position, stack in enumerate(group):
            service = stack.name.removeprefix(f"{prefix}-").removesuffix(f"-{region}")
            numbers = (str(found[stack][kind] or "") for kind in Kind)
            shown.add_row("" if position else region, service, *numbers)
    return shown


def endpoints(deployment: Deployment) -> list[str]:
    """Where to put data and to listen in each region, a line each."""
    names = deployment.environment.names
    lines = [f"Endpoint: {deployment.target.endpoint}, account {deployment.target.account}"]
    for region in deployment.environment.regions:
        lines += [
            f"  {region.name}: raw data        s3://{names.bucket(Bucket.RAW_DATA, region.name)}",
            f"  {region.name}: processed data  s3://{names.bucket(Bucket.PROCESSED_DATA, region.name)}",
            f"  {region.name}: notifications   SNS topic {names.topic(Topic.NOTIFICATION)}",
            f"  {region.name}: catalogue       DynamoDB table {names.catalogue_table}",
        ]
    return lines
