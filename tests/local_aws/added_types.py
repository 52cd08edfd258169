"""A type's life, told once: what is made, what is changed, and what the service's own API says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from local_aws.process import LocalAws
from tests.local_aws.stacks import Resources, Stack

REGION = "us-west-2"
OTHER_REGION = "us-east-1"
ACCOUNT = "111122223333"
SUBJECT = "Subject"
"""The logical id of what a case is about."""

Properties = dict[str, Any]
Client = Callable[[str], Any]
"""A client of a service, by its name."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One type.

    Attributes:
        type: its name.
        properties: what its template gives first.
        changed: the properties that are different after an update; None for a type that nothing can change.
        read: what the service's API says of it, by the physical id; false or a ``ClientError`` once it is gone.
        expected: what ``read`` returns at first.
        expected_after: what ``read`` returns after the update.
        replaced: whether the update makes a new one.
        attributes: the attributes whose values must not be empty.
        others: what has to be there beforehand, by logical id.
        kept: whether it is deleted by others than CloudFormation, such as a key that waits.
    """

    type: str
    properties: Properties
    changed: Properties | None = None
    read: Callable[[Client, str], Any]
    expected: Any
    expected_after: Any = None
    replaced: bool = False
    attributes: tuple[str, ...] = ()
    others: Resources = field(default_factory=dict)
    kept: bool = False


def live(aws: LocalAws, case: Case) -> None:
    """Make it, change it, take it away; each time the service itself is asked what is there."""

    def client(service: str) -> Any:
        return aws.client(service, REGION)

    stack = Stack(aws, REGION)
    outputs = {name.replace(".", ""): {"Fn::GetAtt": [SUBJECT, name]} for name in case.attributes}
    stack.deploy({**case.others, SUBJECT: {"Type": case.type, "Properties": case.properties}}, outputs)
    first = last = stack.ids[SUBJECT]
    assert case.read(client, first) == case.expected
    assert all(stack.outputs.values()), stack.outputs
    if case.changed is not None:
        changed = {**case.properties, **case.changed}
        stack.deploy({**case.others, SUBJECT: {"Type": case.type, "Properties": changed}}, outputs)
        last = stack.ids[SUBJECT]
        assert (last != first) == case.replaced
        assert case.read(client, last) == case.expected_after
        if case.replaced:
            assert _gone(case, client, first)
    stack.delete()
    assert case.kept or _gone(case, client, last)


def _gone(case: Case, client: Client, physical_id: str) -> bool:
    try:
        return not case.read(client, physical_id)
    except (ClientError, LookupError):
        return True


def ref(logical_id: str) -> dict[str, str]:
    """A reference to another resource of the template."""
    return {"Ref": logical_id}


def att(logical_id: str, name: str = "Arn") -> dict[str, list[str]]:
    """An attribute of another resource of the template."""
    return {"Fn::GetAtt": [logical_id, name]}


def tags(**values: str) -> list[dict[str, str]]:
    """Tags as templates write them."""
    return [{"Key": key, "Value": value} for key, value in values.items()]


def own(given: list[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags as the API tells them, without those that CloudFormation adds itself."""
    return {tag[key]: tag[value] for tag in given if not tag[key].startswith("aws:")}


NETWORK: Resources = {
    "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": ref("Network"), "CidrBlock": "10.0.0.0/24", "AvailabilityZone": f"{REGION}a"},
    },
    "SecondSubnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": ref("Network"), "CidrBlock": "10.0.1.0/24", "AvailabilityZone": f"{REGION}b"},
    },
}


def role(service: str) -> dict[str, Any]:
    """A role that a service may take on."""
    statement = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
    }
