"""The server, the service and the function, as Secrets Manager and Lambda would find them."""

from __future__ import annotations

import importlib
import io
import os
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.rotation.accounts import Account
from tests.rotation.certificates import Authority
from tests.rotation.mariadb_server import MariaDbServer, find_server, running_server
from tests.rotation.secrets_manager import SecretsManager


@pytest.fixture(scope="session")
def server() -> Iterator[MariaDbServer]:
    with running_server(find_server(os.environ), Authority("database authority")) as running:
        yield running


@pytest.fixture(scope="session")
def function(server: MariaDbServer) -> Iterator[Any]:
    """The handler's module, imported with the environment that Lambda would give it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_CA_BUNDLE", str(server.ca_bundle))
        environment.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.delitem(sys.modules, "rotate_secret.handler", raising=False)
        yield importlib.import_module("rotate_secret.handler")


@pytest.fixture
def log(function: Any) -> Iterator[io.StringIO]:
    """What the function logs; also keeps its handler off the streams that pytest captures."""
    stream = io.StringIO()
    handler = function.logger.registered_handler
    before = handler.setStream(stream)
    yield stream
    handler.setStream(before)


@pytest.fixture
def service(function: Any) -> Iterator[SecretsManager]:
    manager = SecretsManager()
    manager.attach(function.secrets.client)
    yield manager
    manager.detach(function.secrets.client)


@pytest.fixture
def account(server: MariaDbServer, service: SecretsManager, function: Any, log: io.StringIO) -> Iterator[Account]:
    """An account with the privileges that matter of an RDS master user, and its secret."""
    username, password = f"user_{uuid.uuid4().hex[:12]}", "the first password"
    server.execute("CREATE USER %s@'%%' IDENTIFIED BY %s REQUIRE SSL", username, password)
    server.execute("GRANT SELECT, CREATE USER ON *.* TO %s@'%%'", username)
    secret = service.create(
        {
            "engine": "mysql",
            "host": server.host,
            "port": server.port,
            "username": username,
            "password": password,
            "dbname": "mysql",
            "dbInstanceIdentifier": "writer",
        }
    )
    yield Account(server, service, secret, function.handler, username)
    server.execute("DROP USER %s@'%%'", username)
