"""Whether a region's stacks can be updated, and their protection."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.release.refusal import ReleaseRefusedError
from ops.release.stacks import assert_ready, protect

PREFIX = "Acme-test-"


class CloudFormation:
    """Answers like CloudFormation, in pages of one stack each."""

    def __init__(self, **stacks: str) -> None:
        self.stacks = {name.replace("_", "-"): status for name, status in stacks.items()}
        self.protected: list[str] = []
        self.failure: ClientError | None = None

    def get_paginator(self, operation: str) -> "CloudFormation":
        assert operation == "list_stacks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        if self.failure:
            raise self.failure
        nested = {"StackName": "Acme-test-Nested", "StackStatus": "UPDATE_FAILED", "ParentId": "arn"}
        rows = [{"StackName": name, "StackStatus": status} for name, status in self.stacks.items()]
        return [{"StackSummaries": [row]} for row in (*rows, nested)]

    def update_termination_protection(self, *, StackName: str, EnableTerminationProtection: bool) -> None:  # noqa: N803 - the API's
        assert EnableTerminationProtection
        if self.failure:
            raise self.failure
        self.protected.append(StackName)


def ready(cloudformation: CloudFormation) -> list[str]:
    said: list[str] = []
    assert_ready(cloudformation, prefix=PREFIX, say=said.append)
    return said


def test_stacks_at_rest_can_be_updated() -> None:
    said = ready(
        CloudFormation(
            Acme_test_Storage="CREATE_COMPLETE",
            Acme_test_Compute="UPDATE_ROLLBACK_COMPLETE",
            Acme_test_Planned="REVIEW_IN_PROGRESS",
            Acme_test_Gone="DELETE_COMPLETE",
            Other_test_Broken="UPDATE_ROLLBACK_FAILED",
        )
    )
    assert said == ["3 stacks can be updated"]


def test_a_region_without_stacks_can_be_deployed_to() -> None:
    assert ready(CloudFormation()) == ["0 stacks can be updated"]


@pytest.mark.parametrize(
    ("status", "help_"),
    [
        ("ROLLBACK_COMPLETE", "delete it"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
        ("UPDATE_IN_PROGRESS", "somebody else is at work"),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "somebody else is at work"),
    ],
)
def test_a_stack_in_another_state_is_named_with_what_helps(status: str, help_: str) -> None:
    with pytest.raises(ReleaseRefusedError, match=f"Acme-test-Storage is {status}: .*{help_}"):
        ready(CloudFormation(Acme_test_Storage=status))


def test_every_stack_that_stands_in_the_way_is_named() -> None:
    with pytest.raises(ReleaseRefusedError) as refused:
        ready(CloudFormation(Acme_test_One="ROLLBACK_COMPLETE", Acme_test_Two="DELETE_FAILED"))
    assert len(str(refused.value).splitlines()) == 2


def test_protection_reaches_every_stack_of_the_environment_and_no_other() -> None:
    cloudformation = CloudFormation(
        Acme_test_One="CREATE_COMPLETE", Acme_test_Two="UPDATE_COMPLETE", Other="CREATE_COMPLETE"
    )
    said: list[str] = []
    protect(cloudformation, prefix=PREFIX, say=said.append)
    assert cloudformation.protected == ["Acme-test-One", "Acme-test-Two"]
    assert said == ["2 stacks are protected from deletion"]


def test_a_refusal_of_cloudformation_is_told() -> None:
    cloudformation = CloudFormation(Acme_test_One="CREATE_COMPLETE")
    cloudformation.failure = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListStacks")
    for act in (assert_ready, protect):
        with pytest.raises(ReleaseRefusedError, match="AccessDenied"):
            act(cloudformation, prefix=PREFIX, say=lambda _: None)
