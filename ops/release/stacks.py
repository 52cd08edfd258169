"""The stacks of a region: whether they can be updated, and whether they are protected."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.release.refusal import ReleaseRefusedError

_WAYS_OUT = {
    "ROLLBACK_COMPLETE": "its first creation failed: delete it, then release again",
    "ROLLBACK_FAILED": "its first creation failed and left things behind: delete it, then release again",
    "CREATE_FAILED": "its creation failed: delete it, then release again",
    "DELETE_FAILED": "its deletion failed: finish it, then release again",
    "UPDATE_FAILED": "its update stopped half-way: roll it back (aws cloudformation rollback-stack)",
    "UPDATE_ROLLBACK_FAILED": "its rollback got stuck: aws cloudformation continue-update-rollback",
}
"""What helps a stack that no update can start from.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

_AT_WORK = "somebody else is at work on it: wait until that is over, then try the stage again"
_SETTLED = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
_GONE = "DELETE_COMPLETE"
# Known by a change set alone: nothing stands there yet.
_PLANNED = "REVIEW_IN_PROGRESS"


def assert_ready(cloudformation: Any, *, prefix: str, say: Callable[[str], None]) -> None:
    """Hold every stack whose name begins with ``prefix`` against the states that an update can start from.

    Raises:
        ReleaseRefusedError: a stack is in another state, with what helps; or CloudFormation did not answer.
    """
    stacks = _stacks(cloudformation, prefix)
    blocked = [
        f"{name} is {status}: {_WAYS_OUT.get(status, _AT_WORK)}"
        for name, status in stacks
        if status not in (*_SETTLED, _PLANNED)
    ]
    if blocked:
        raise ReleaseRefusedError("\n".join(blocked))
    say(f"{len(stacks)} stacks can be updated")


def protect(cloudformation: Any, *, prefix: str, say: Callable[[str], None]) -> None:
    """Protect every stack whose name begins with ``prefix`` from deletion.

    Raises:
        ReleaseRefusedError: CloudFormation refused or did not answer.
    """
    names = [name for name, _ in _stacks(cloudformation, prefix)]
    for name in names:
        try:
            cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)
        except (BotoCoreError, ClientError) as error:
            raise ReleaseRefusedError(f"{name} cannot be protected: {error}") from error
    say(f"{len(names)} stacks are protected from deletion")


def _stacks(cloudformation: Any, prefix: str) -> list[tuple[str, str]]:
    try:
        return list(_listed(cloudformation, prefix))
    except (BotoCoreError, ClientError) as error:
        raise ReleaseRefusedError(f"The stacks {prefix}* cannot be listed: {error}") from error


def _listed(cloudformation: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for page in cloudformation.get_paginator("list_stacks").paginate():
        for stack in page["StackSummaries"]:
            is_ours = stack["StackName"].startswith(prefix) and "ParentId" not in stack
            if is_ours and stack["StackStatus"] != _GONE:
                yield stack["StackName"], stack["StackStatus"]
