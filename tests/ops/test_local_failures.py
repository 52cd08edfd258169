"""The CloudFormation event that explains a failed deployment."""

from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock

from botocore.exceptions import ClientError

from ops.local.failures import failed_resources, first_failure, unfinished_resources
from ops.local.stacks import StackRef

STORAGE = StackRef("us-west-2", "Acme-local-Storage-us-west-2")
SECURITY = StackRef("us-west-2", "Acme-local-Security-us-west-2")
STACK = "AWS::CloudFormation::Stack"


def event(logical_id: str, resource_type: str, status: str, reason: str = "") -> dict[str, str]:
    return {
        "LogicalResourceId": logical_id,
        "ResourceType": resource_type,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


FAILED_CREATION = [
    event(STORAGE.name, STACK, "ROLLBACK_COMPLETE"),
    event("Bucket", "AWS::S3::Bucket", "DELETE_COMPLETE"),
    event(STORAGE.name, STACK, "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [Policy, Table]"),
    event("Other", "AWS::S3::Bucket", "CREATE_FAILED", "Resource creation cancelled"),
    event("Table", "AWS::DynamoDB::Table", "CREATE_FAILED", "Too late: a second failure"),
    event("Policy", "AWS::IAM::Policy", "CREATE_FAILED", "MalformedPolicy: statement 2"),
    event("Policy", "AWS::IAM::Policy", "CREATE_IN_PROGRESS"),
    event(STORAGE.name, STACK, "CREATE_IN_PROGRESS", "User Initiated"),
]


class CloudFormation:
    """Answers like CloudFormation for the stacks it is given."""

    def __init__(self, **stacks: dict[str, Any]) -> None:
        self._stacks = stacks

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        return {"Stacks": [self._find(asked)["stack"]]}

    def describe_events(self, **asked: Any) -> dict[str, Any]:
        assert asked["Filters"] == {"FailedEvents": True}
        return {"OperationEvents": self._find(asked).get("refused", [])}

    def get_paginator(self, operation: str) -> Mock:
        key = {"describe_stack_events": "StackEvents", "list_stack_resources": "StackResourceSummaries"}[operation]

        def paginate(**asked: Any) -> list[dict[str, Any]]:
            # Page after page of one element: whoever reads the first page only misses the rest.
            return [{key: [element]} for element in self._find(asked).get(key, [])]

        return Mock(paginate=paginate)

    def _find(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self._stacks.get(asked["StackName"].split("-")[2])
        if found is None:
            raise ClientError({"Error": {"Code": "ValidationError", "Message": "does not exist"}}, "any")
        return found


def target(**stacks: dict[str, Any]) -> Any:
    return Mock(client=lambda _service, _region: CloudFormation(**stacks))


def test_the_first_failure_is_the_explanation_and_not_what_followed_from_it() -> None:
    found = first_failure(STORAGE, FAILED_CREATION)
    assert found is not None
    assert (found.logical_id, found.status, found.reason) == ("Policy", "CREATE_FAILED", "MalformedPolicy: statement 2")


def test_a_failure_of_an_earlier_deployment_is_no_explanation() -> None:
    later = [
        event(STORAGE.name, STACK, "UPDATE_ROLLBACK_COMPLETE"),
        event("Table", "AWS::DynamoDB::Table", "UPDATE_FAILED", "Throttled"),
        event(STORAGE.name, STACK, "UPDATE_IN_PROGRESS", "User Initiated"),
    ]
    found = first_failure(STORAGE, later + FAILED_CREATION)
    assert found is not None
    assert found.reason == "Throttled"
    assert first_failure(STORAGE, [later[0], later[2], *FAILED_CREATION]) is None


def test_the_message_names_stack_region_resource_type_and_reason() -> None:
    answers = target(Storage={"stack": {"StackStatus": "ROLLBACK_COMPLETE"}, "StackEvents": FAILED_CREATION})
    (found,) = failed_resources(answers, [SECURITY, STORAGE])
    for part in (STORAGE.name, "(us-west-2)", "Policy", "AWS::IAM::Policy", "MalformedPolicy: statement 2"):
        assert part in str(found)


def test_stacks_that_ended_well_or_never_began_explain_nothing() -> None:
    answers = target(Storage={"stack": {"StackStatus": "UPDATE_COMPLETE"}, "StackEvents": FAILED_CREATION})
    assert list(failed_resources(answers, [SECURITY, STORAGE])) == []


def test_what_cloudformation_refused_before_it_began_is_told_with_every_reason_of_the_last_attempt() -> None:
    def refused(operation: str, logical_id: str, second: int) -> dict[str, Any]:
        return {
            "EventType": "VALIDATION_ERROR",
            "OperationId": operation,
            "Timestamp": datetime(2026, 1, 1, second=second, tzinfo=UTC),
            "LogicalResourceId": logical_id,
            "ResourceType": "AWS::S3::Bucket",
            "ValidationName": "NAME_CONFLICT_VALIDATION",
            "ValidationStatusReason": f"{logical_id} already exists",
        }

    events = [
        refused("second", "Raw", 5),
        refused("second", "Processed", 6),
        {"EventType": "PROVISIONING_ERROR", "OperationId": "second"},
        refused("first", "Older", 1),
    ]
    answers = target(Storage={"stack": {"StackStatus": "ROLLBACK_COMPLETE"}, "refused": events})
    found = list(failed_resources(answers, [STORAGE]))
    assert [(failure.logical_id, failure.reason) for failure in found] == [
        ("Raw", "Raw already exists"),
        ("Processed", "Processed already exists"),
    ]


def test_a_stack_without_any_explanation_is_named_with_its_status() -> None:
    answers = target(Storage={"stack": {"StackStatus": "DELETE_FAILED", "StackStatusReason": "not empty"}})
    (found,) = failed_resources(answers, [STORAGE])
    assert (found.status, found.reason) == ("DELETE_FAILED", "not empty")


def test_what_a_deployment_waits_for_is_listed() -> None:
    resources = [
        {"LogicalResourceId": "Done", "ResourceType": "AWS::S3::Bucket", "ResourceStatus": "CREATE_COMPLETE"},
        {"LogicalResourceId": "Waits", "ResourceType": "Custom::Thing", "ResourceStatus": "CREATE_IN_PROGRESS"},
    ]
    answers = target(Storage={"stack": {"StackStatus": "CREATE_IN_PROGRESS"}, "StackResourceSummaries": resources})
    assert [failure.logical_id for failure in unfinished_resources(answers, [SECURITY, STORAGE])] == ["Waits"]
