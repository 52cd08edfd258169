"""Runs the deployed application on this computer, since nothing in the local AWS runs an instance or a task."""

import contextlib
import http.client
import json
import ssl
import subprocess
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from configuration.partition import PARTITION
from ops.local.check import CheckFailedError, Context

_START_SECONDS = 20.0
_ANSWER_SECONDS = 10.0
# Loopback, any free port, no drain: nobody else sends requests. The database of the local AWS is a record.
_HERE = {
    "PORT": "0",
    "BIND_ADDRESS": "127.0.0.1",
    "DRAIN_SECONDS": "0",
    "DEEP_HEALTH_CHECKS": "table,bucket",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PATH": "/usr/bin:/bin",
}


class Served:
    """The application, listening on loopback."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._context = ssl.create_default_context()
        # As the load balancer does: encrypted, the self-signed certificate not validated.
        self._context.check_hostname = False
        self._context.verify_mode = ssl.CERT_NONE

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, Any]:
        """Status and JSON of the answer to one request over TLS."""
        client = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=_ANSWER_SECONDS, context=self._context)
        with contextlib.closing(client):
            client.request(method, path, body, {"Accept": "application/json"})
            answer = client.getresponse()
            return answer.status, json.loads(answer.read())


@contextlib.contextmanager
def serving(
    context: Context, *, region: str, command: Sequence[str], variables: Mapping[str, str], role: str
) -> Iterator[Served]:
    """The application started by ``command`` with its deployed ``variables`` and nothing but its role's rights.

    Raises:
        CheckFailedError: it did not open its port; the text says what it wrote instead.
    """
    with _rights_of(context, region, role) as credentials, _started(context, command, variables, credentials) as port:
        yield Served(port)


@contextlib.contextmanager
def _rights_of(context: Context, region: str, role: str) -> Iterator[Mapping[str, str]]:
    """Credentials with the policies of ``role`` and no others, by a copy that we may take, for as long as it is needed.

    The role itself is for its service alone, which the local AWS enforces when it enforces IAM.
    """
    iam, original = context.client("iam", region), role.rsplit("/", 1)[-1]
    copy = f"make-local-{uuid.uuid4().hex[:12]}"
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{PARTITION}:iam::{context.target.account}:root"},
        "Action": "sts:AssumeRole",
    }
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName=copy, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    names = iam.list_role_policies(RoleName=original)["PolicyNames"]
    try:
        for name in names:
            policy = iam.get_role_policy(RoleName=original, PolicyName=name)["PolicyDocument"]
            iam.put_role_policy(RoleName=copy, PolicyName=name, PolicyDocument=json.dumps(policy))
        yield context.client("sts", region).assume_role(RoleArn=arn, RoleSessionName="make-local")["Credentials"]
    finally:
        for name in iam.list_role_policies(RoleName=copy)["PolicyNames"]:
            iam.delete_role_policy(RoleName=copy, PolicyName=name)
        iam.delete_role(RoleName=copy)


@contextlib.contextmanager
def _started(
    context: Context, command: Sequence[str], variables: Mapping[str, str], credentials: Mapping[str, str]
) -> Iterator[int]:
    """The port of the process that ``command`` starts, which ends with the context."""
    signing = {
        "AWS_ENDPOINT_URL": context.target.endpoint,
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }
    process = subprocess.Popen(  # noqa: S603 - the command that was deployed
        command,
        env={**variables, **_HERE, **signing},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ended = threading.Timer(_START_SECONDS, process.kill)
    try:
        ended.start()
        port = _port(process)
        ended.cancel()
        # Its log has to go on being read, or it would wait for a reader in the end.
        threading.Thread(target=process.communicate, daemon=True).start()
        yield port
    finally:
        ended.cancel()
        process.terminate()
        process.wait(_ANSWER_SECONDS)


def _port(process: subprocess.Popen[str]) -> int:
    seen = []
    for line in process.stdout or ():
        seen.append(line.rstrip())
        with contextlib.suppress(json.JSONDecodeError):
            entry = json.loads(line)
            if entry["event"] == "listening":
                return int(entry["port"])
    raise CheckFailedError(f"the application did not open its port, it wrote: {' / '.join(seen[-3:])}")
