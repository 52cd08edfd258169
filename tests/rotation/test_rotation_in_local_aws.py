"""The function as it is deployed, called by Secrets Manager of the local AWS, against a real server."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from local_aws.process import LocalAws
from tests.rotation.mariadb_server import MariaDbServer
from tests.synthesis import PROJECT

REGION = "us-east-1"
ACCOUNT = "000000000000"
FIRST = "the first password"
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws(account=ACCOUNT) as running:
        yield running


def archive(authorities: Path) -> bytes:
    """What CDK's bundling puts together, with the test server's authority among those of RDS."""
    packed = io.BytesIO()
    roots = [
        PROJECT / "build" / "functions",
        *(PROJECT / "lambda" / name for name in ("rotate_secret", "platform_runtime")),
    ]
    with zipfile.ZipFile(packed, "w") as file:
        for root in roots:
            base = root if root.name == "functions" else root.parent
            for path in root.rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    file.write(path, path.relative_to(base))
        file.write(authorities, "rotate_secret/authorities/test.pem")
    return packed.getvalue()


@pytest.fixture
def function(aws: LocalAws, server: MariaDbServer) -> Iterator[str]:
    client = aws.client("lambda", REGION)
    made = client.create_function(
        FunctionName=f"rotate-{uuid.uuid4().hex[:8]}",
        Runtime="python3.13",
        Handler="rotate_secret.handler.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/rotate",
        Code={"ZipFile": archive(server.ca_bundle)},
        Environment={"Variables": {"DATABASE_CA_BUNDLE": "rotate_secret/authorities/test.pem"}},
        Timeout=60,
    )
    yield made["FunctionArn"]
    client.delete_function(FunctionName=made["FunctionName"])


@pytest.fixture
def user(server: MariaDbServer) -> Iterator[str]:
    name = f"user_{uuid.uuid4().hex[:12]}"
    server.execute("CREATE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", name, FIRST)
    server.execute("GRANT SELECT, CREATE USER ON *.* TO %s@'%%'", name)
    yield name
    server.execute("DROP USER %s@'%%'", name)


def secret_of(aws: LocalAws, server: MariaDbServer, user: str, *, password: str) -> str:
    value = {"engine": "mysql", "host": server.host, "port": server.port, "username": user, "password": password}
    made = aws.client("secretsmanager", REGION).create_secret(
        Name=f"rotated-{uuid.uuid4().hex[:8]}", SecretString=json.dumps(value)
    )
    return str(made["ARN"])


def rotate(aws: LocalAws, secret: str, function: str) -> str:
    answer = aws.client("secretsmanager", REGION).rotate_secret(
        SecretId=secret, RotationLambdaARN=function, RotationRules={"AutomaticallyAfterDays": 30}
    )
    return str(answer["VersionId"])


def stages(aws: LocalAws, secret: str, version: str) -> list[str]:
    described = aws.client("secretsmanager", REGION).describe_secret(SecretId=secret)
    found: list[str] = described["VersionIdsToStages"].get(version, [])
    return found


def current(aws: LocalAws, secret: str) -> dict[str, Any]:
    value = aws.client("secretsmanager", REGION).get_secret_value(SecretId=secret)["SecretString"]
    found: dict[str, Any] = json.loads(value)
    return found


def logs_in(server: MariaDbServer, user: str, password: str) -> bool:
    try:
        pymysql.connect(host=server.host, port=server.port, user=user, password=password, ssl=server.tls).close()
    except pymysql.OperationalError:
        return False
    return True


def test_a_rotation_changes_the_password_of_the_database_and_of_the_secret(
    aws: LocalAws, server: MariaDbServer, function: str, user: str
) -> None:
    secret = secret_of(aws, server, user, password=FIRST)
    version = rotate(aws, secret, function)
    _until_current(aws, secret, version, seconds=PATIENCE_SECONDS)
    password = current(aws, secret)["password"]
    assert password != FIRST
    assert logs_in(server, user, password)
    assert not logs_in(server, user, FIRST)


def test_a_rotation_that_fails_leaves_secret_and_database_as_they_were(
    aws: LocalAws, server: MariaDbServer, function: str, user: str
) -> None:
    """The secret holds a password that the database never had, so the second step fails."""
    secret = secret_of(aws, server, user, password="never accepted")
    version = rotate(aws, secret, function)
    deadline = time.monotonic() + PATIENCE_SECONDS
    client = aws.client("secretsmanager", REGION)
    # The first step's work is seen, so the function runs; then it gets no further.
    while "AWSPENDING" not in stages(aws, secret, version) or not _has_value(client, secret, version):
        assert time.monotonic() < deadline, "the function was not called"
        time.sleep(0.1)
    with pytest.raises(AssertionError):
        _until_current(aws, secret, version, seconds=3)
    assert current(aws, secret)["password"] == "never accepted"
    assert logs_in(server, user, FIRST)


def _has_value(client: Any, secret: str, version: str) -> bool:
    try:
        client.get_secret_value(SecretId=secret, VersionId=version)
    except client.exceptions.ResourceNotFoundException:
        return False
    return True


def _until_current(aws: LocalAws, secret: str, version: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while "AWSCURRENT" not in stages(aws, secret, version):
        assert time.monotonic() < deadline, "the rotation did not finish"
        time.sleep(0.1)
