"""Findings that are accepted, each where it stands and with its reason."""

import aws_cdk as cdk
from constructs import IConstruct


def acknowledge(scope: IConstruct, *findings: str, reason: str) -> None:
    """Accept findings on ``scope`` and below.

    ``findings`` are rule ids exactly as the validation report prints them (``AwsSolutions-IAM5[Resource::*]``):
    the match is exact, so a new finding of the same rule is reported again.
    """
    for finding in findings:
        cdk.Validations.of(scope).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def logical_id(construct: IConstruct) -> str:
    """The logical id of a construct's resource, which findings about references to it name."""
    resource = construct.node.default_child
    assert isinstance(resource, cdk.CfnElement)  # noqa: S101 - narrows the type
    return cdk.Stack.of(construct).get_logical_id(resource)
