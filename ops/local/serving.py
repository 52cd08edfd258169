"""Runs the deployed application on this computer, since nothing in the local AWS runs an instance or a task."""

import contextlib
import http.client
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

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
    credentials = context.client("sts", region).assume_role(RoleArn=role, RoleSessionName="make-local")["Credentials"]
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
        yield Served(port)
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
