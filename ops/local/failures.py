"""Why a deployment failed: the events of CloudFormation that explain it, without those that only follow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.local.stacks import StackRef, resources_of
from ops.local.target import Target

_STACK = "AWS::CloudFormation::Stack"
_CONSEQUENCES = ("cancelled", "the following resource(s) failed", "rollback requested", "requested rollback")
"""What CloudFormation says, in lower case, of resources that failed because another one did."""


@dataclass(frozen=True)
class FailedResource:
    """A resource that broke its stack, with CloudFormation's reason."""

    stack: StackRef
    logical_id: str
    resource_type: str
    status: str
    reason: str

    def __str__(self) -> str:
        return (
            f"{self.stack.name} ({self.stack.region})\n"
            f"    {self.logical_id} ({self.resource_type}) {self.status}\n"
            f"    {self.reason}"
        )


def failed_resources(target: Target, stacks: Iterable[StackRef]) -> Iterator[FailedResource]:
    """The first failure of every stack that did not end well."""
    for stack in stacks:
        try:
            status = target.client("cloudformation", stack.region).describe_stacks(StackName=stack.name)["Stacks"][0]
        except ClientError:
            continue  # it was never begun
        if "FAILED" in status["StackStatus"] or "ROLLBACK" in status["StackStatus"]:
            pages = target.client("cloudformation", stack.region).get_paginator("describe_stack_events")
            events = [event for page in pages.paginate(StackName=stack.name) for event in page["StackEvents"]]
            found = first_failure(stack, events)
            yield found or FailedResource(
                stack, stack.name, _STACK, status["StackStatus"], status.get("StackStatusReason", "without a reason")
            )


def first_failure(stack: StackRef, events: list[Any]) -> FailedResource | None:
    """What broke a stack in its last deployment, from its events, newest first as CloudFormation gives them."""
    causes = []
    for event in events:
        status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
        is_stack = event["ResourceType"] == _STACK and event["LogicalResourceId"] == stack.name
        if is_stack and status in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
            break  # older events belong to an earlier deployment
        follows = any(phrase in reason.lower() for phrase in _CONSEQUENCES)
        if status.endswith("_FAILED") and not is_stack and not follows:
            causes.append(
                FailedResource(stack, event["LogicalResourceId"], event["ResourceType"], status, reason or "no reason")
            )
    return causes[-1] if causes else None


def unfinished_resources(target: Target, stacks: Iterable[StackRef]) -> Iterator[FailedResource]:
    """What a deployment still waits for."""
    for stack in stacks:
        try:
            resources = list(resources_of(target, stack))
        except ClientError:
            continue  # it was never begun
        for resource in resources:
            if resource["ResourceStatus"].endswith("_IN_PROGRESS"):
                yield FailedResource(
                    stack,
                    resource["LogicalResourceId"],
                    resource["ResourceType"],
                    resource["ResourceStatus"],
                    resource.get("ResourceStatusReason", "has not answered yet"),
                )
