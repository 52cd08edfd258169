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
