"""Somebody with certain permissions, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.config import Config

from local_aws.process import LocalAws
from tests.local_aws.added_types import REGION

_numbers = itertools.count(1)
ClientOf = Callable[[str], Any]


@contextlib.contextmanager
def somebody(aws: LocalAws, *statements: dict[str, Any], region: str = REGION) -> Iterator[ClientOf]:
    """Clients of a role whose policy has the given statements, by the name of the service."""
    iam, name = aws.client("iam", region), f"somebody-{next(_numbers)}"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="what", PolicyDocument=_document(*statements))
    given = aws.client("sts", region).assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]

    def client(service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=region,
            endpoint_url=aws.endpoint,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            config=Config(proxies={}, s3={"addressing_style": "path"}),
        )

    try:
        yield client
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="what")
        iam.delete_role(RoleName=name)


def allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    """A statement that allows one action on one resource."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
