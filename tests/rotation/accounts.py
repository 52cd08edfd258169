"""A database account with its secret, rotated as Secrets Manager would rotate it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pymysql
from pymysql.constants import ER

from tests.rotation.mariadb_server import MariaDbServer
from tests.rotation.secrets_manager import Secret, SecretsManager

# Of the form that the service takes, but of no secret.
UNKNOWN_VERSION = "00000000-0000-4000-8000-000000000000"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

Handler = Callable[[dict[str, Any], Any], None]

_CONTEXT = SimpleNamespace(
    function_name="rotate-secret",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:rotate-secret",
    aws_request_id="request",
)


@dataclass(frozen=True)
class Account:
    """One account on the server; ``secret`` describes it."""

    server: MariaDbServer
    service: SecretsManager
    secret: Secret
    handler: Handler
    username: str

    def accepts(self, password: str) -> bool:
        """Log in with a client that shares no code with the function."""
        try:
            pymysql.connect(
                host=self.server.host,
                port=self.server.port,
                user=self.username,
                password=password.encode(),
                ssl=self.server.tls,
            ).close()
        except pymysql.OperationalError as error:
            if error.args[0] != ER.ACCESS_DENIED_ERROR:
                raise
            return False
        return True

    @property
    def password(self) -> str:
        """What applications read from the secret."""
        return self.password_of(self.secret.with_stage("AWSCURRENT") or "")

    def password_of(self, version: str) -> str:
        value = self.secret.versions[version].value
        assert value is not None
        return str(json.loads(value)["password"])

    def step(self, step: str, version: str) -> None:
        self.call({"Step": step, "SecretId": self.secret.arn, "ClientRequestToken": version})

    def call(self, event: dict[str, Any]) -> None:
        self.handler(event, _CONTEXT)

    def run(self, version: str) -> None:
        """Call the four steps; the first that fails ends the rotation, as in Secrets Manager."""
        for step in STEPS:
            self.step(step, version)

    def rotate(self) -> str:
        """Rotate from start to end; returns the version."""
        version = self.service.start_rotation(self.secret)
        self.run(version)
        return version

    def snapshot(self) -> object:
        """Everything that a step could change: the account on the server, the versions and their stages."""
        rows = self.server.execute("SELECT Priv FROM mysql.global_priv WHERE User = %s", self.username)
        versions = {name: (version.value, sorted(version.stages)) for name, version in self.secret.versions.items()}
        return rows, versions
