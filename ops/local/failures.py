"""Why a deployment failed: the events of CloudFormation that explain it, without those that only follow."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from botocore.exceptions import ClientError

from ops.local.stacks import StackRef, resources_of
from ops.local.target import Target

_STACK = "AWS::CloudFormation::Stack"
_CONSEQUENCES = ("cancelled", "the following resource(s) failed", "rollback requested", "requested rollback")
"""What CloudFormation says, in lower case, of resources that failed because another one did."""

_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")


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
    """What broke each stack that did not end well."""
    for stack in stacks:
        cloudformation = target.client("cloudformation", stack.region)
        try:
            found = cloudformation.describe_stacks(StackName=stack.name)["Stacks"][0]
        except ClientError:
            continue  # it was never begun
        if "FAILED" not in found["StackStatus"] and "ROLLBACK" not in found["StackStatus"]:
            continue
        pages = cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack.name)
        first = first_failure(stack, [event for page in pages for event in page["StackEvents"]])
        refusals = [] if first else _refused_resources(cloudformation, stack)
        if first:
            yield first
        elif refusals:
            yield from refusals
        else:
            reason = found.get("StackStatusReason") or "no reason given"
            yield FailedResource(stack, stack.name, _STACK, found["StackStatus"], reason)


def first_failure(stack: StackRef, events: list[Any]) -> FailedResource | None:
    """The resource that broke a stack in its last deployment.

    ``events`` are the stack's, newest first, as CloudFormation gives them.
    """
    causes = []
    for event in events:
        status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
        is_stack = event["ResourceType"] == _STACK and event["LogicalResourceId"] == stack.name
        if is_stack and status in _BEGINNINGS:
            break  # older events belong to an earlier deployment
        follows = any(phrase in reason.lower() for phrase in _CONSEQUENCES)
        if status.endswith("_FAILED") and not is_stack and not follows:
            causes.append(
                FailedResource(stack, event["LogicalResourceId"], event["ResourceType"], status, reason or "no reason")
            )
    return causes[-1] if causes else None


def _refused_resources(cloudformation: Any, stack: StackRef) -> list[FailedResource]:
    """What CloudFormation refused before it began, such as a name that is taken; stack events do not tell.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeEvents.html
    """
    events = cloudformation.describe_events(StackName=stack.name, Filters={"FailedEvents": True})["OperationEvents"]
    errors = sorted(
        (event for event in events if event["EventType"] == "VALIDATION_ERROR"), key=itemgetter("Timestamp")
    )
    return [
        FailedResource(
            stack,
            event["LogicalResourceId"],
            event["ResourceType"],
            event["ValidationName"],
            event["ValidationStatusReason"],
        )
        for event in errors
        if event["OperationId"] == errors[-1]["OperationId"]
    ]


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
