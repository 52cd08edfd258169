"""Small stacks for the tests: deployed, changed and taken down through the public API."""

import contextlib
import itertools
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from local_aws.process import LocalAws

T = TypeVar("T")
Resources = dict[str, Any]
_numbers = itertools.count(1)
_PATIENCE_SECONDS = 60.0


def until(answer: Callable[[], T | None], what: str = "an answer", seconds: float = _PATIENCE_SECONDS) -> T:
    """The first true answer."""
    deadline = time.monotonic() + seconds
    while not (found := answer()):
        assert time.monotonic() < deadline, f"waited in vain for {what}; the last answer was {found!r}"
        time.sleep(0.05)
    return found


class Stack:
    """A deployed stack."""

    def __init__(self, aws: LocalAws, region: str) -> None:
        self.aws = aws
        self.region = region
        self.name = f"stack-{next(_numbers)}"

    def deploy(self, resources: Resources, outputs: dict[str, Any] | None = None, **parts: Any) -> "Stack":
        """Create or update it; a failure shows the events that explain it."""
        cloudformation = self.aws.client("cloudformation", self.region)
        template = {"Resources": resources, "Outputs": {k: {"Value": v} for k, v in (outputs or {}).items()}, **parts}
        act = cloudformation.update_stack if self._status() else cloudformation.create_stack
        act(StackName=self.name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])
        status = until(self._settled, f"the stack {self.name}")
        assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), (status, self.reasons())
        return self

    def refused(self, resources: Resources) -> str:
        """Deploy what must fail; why it failed."""
        cloudformation = self.aws.client("cloudformation", self.region)
        act = cloudformation.update_stack if self._status() else cloudformation.create_stack
        act(
            StackName=self.name,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        status = until(self._settled, f"the stack {self.name}")
        assert "ROLLBACK" in status, status
        return "\n".join(self.reasons())

    def delete(self) -> None:
        """Take it down; what can't be removed is a failure."""
        cloudformation = self.aws.client("cloudformation", self.region)
        cloudformation.delete_stack(StackName=self.name)
        until(lambda: self._status() in (None, "DELETE_FAILED"), f"the end of {self.name}")
        assert self._status() is None, self.reasons()

    def reasons(self) -> list[str]:
        """What the failed events say."""
        events = self.aws.client("cloudformation", self.region).describe_stack_events(StackName=self.name)
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events["StackEvents"]
            if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")
        ]

    @property
    def ids(self) -> dict[str, str]:
        """The physical ids by logical id."""
        found = self.aws.client("cloudformation", self.region).list_stack_resources(StackName=self.name)
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found["StackResourceSummaries"]}

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs."""
        found = self.aws.client("cloudformation", self.region).describe_stacks(StackName=self.name)["Stacks"][0]
        return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}

    def _status(self) -> str | None:
        cloudformation = self.aws.client("cloudformation", self.region)
        try:
            status: str = cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
        except cloudformation.exceptions.ClientError:
            return None
        return None if status == "DELETE_COMPLETE" else status

    def _settled(self) -> str | None:
        status = self._status()
        return None if status is None or status.endswith("IN_PROGRESS") else status


@contextlib.contextmanager
def stack(
    aws: LocalAws, region: str, resources: Resources, outputs: dict[str, Any] | None = None, **parts: Any
) -> Iterator[Stack]:
    """A stack for the length of a block; taking it down is part of what is tested."""
    made = Stack(aws, region).deploy(resources, outputs, **parts)
    yield made
    made.delete()
