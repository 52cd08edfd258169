"""boto3 clients of a local AWS, and calls with the values of a CloudFormation template."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

from local_aws.environment import SECRET_KEY

_NOTHING_OF_THE_DEVELOPER = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
_CONNECTIONS = 20


class Clients:
    """The clients of one local AWS, made once each; usable from several threads."""

    def __init__(self, endpoint: str) -> None:
        """``endpoint`` is where the local AWS answers."""
        self.endpoint = endpoint
        # Its type knows every service by its name, and no other text.
        self._session: Any = boto3.session.Session(
            botocore_session=botocore.session.Session(session_vars=_NOTHING_OF_THE_DEVELOPER)
        )
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._making = threading.Lock()  # making clients of one session isn't safe in threads, using them is

    def get(self, service: str, region: str, account: str) -> Any:
        """A client that is signed as the account's root; no file, variable or proxy of the developer's has a say."""
        with self._making:
            if (service, region, account) not in self._clients:
                self._clients[service, region, account] = self._session.client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint,
                    aws_access_key_id=account,
                    aws_secret_access_key=SECRET_KEY,
                    config=Config(
                        retries={"max_attempts": 2},
                        s3={"addressing_style": "path"},
                        proxies={},
                        max_pool_connections=_CONNECTIONS,
                    ),
                )
            return self._clients[service, region, account]


def call(client: Any, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Call an operation, such as ``CreateTrail``, with parameters as a template gives them.

    Names are matched whatever their capitals, values turned into the operation's types ("true" into True, "5" into 5,
    a policy into its JSON text), and what the operation doesn't know or what is None is left out.
    """
    shape = client.meta.service_model.operation_model(operation).input_shape
    method: Callable[..., dict[str, Any]] = getattr(
        client, next(name for name, of in client.meta.method_to_api_mapping.items() if of == operation)
    )
    return method(**(as_shape(shape, parameters) if shape else {}))


def as_shape(shape: Any, value: Any) -> Any:
    """A template's value as a shape of botocore's service model wants it; see :func:`call`."""
    converters: dict[str, Callable[[Any, Any], Any]] = {
        "structure": _as_structure,
        "list": lambda of, items: [
            as_shape(of.member, item) for item in (items if isinstance(items, list) else [items])
        ],
        "map": lambda of, items: {key: as_shape(of.value, item) for key, item in items.items()},
        "integer": lambda _, number: int(number),
        "long": lambda _, number: int(number),
        "float": lambda _, number: float(number),
        "double": lambda _, number: float(number),
        "boolean": lambda _, wanted: truth(wanted),
        "string": lambda _, words: text(words),
    }
    convert = converters.get(shape.type_name)
    return convert(shape, value) if convert else value


def truth(value: Any) -> bool:
    """A template's boolean, which may be a text."""
    return value if isinstance(value, bool) else str(value).lower() == "true"


def text(value: Any) -> str:
    """A template's value as text: JSON for an object, such as a policy, and ``true`` for True."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, dict | list | bool) else str(value)


def _as_structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    members = {name.lower(): (name, member) for name, member in shape.members.items()}
    found = {}
    for key, item in value.items():
        if item is not None and key.lower() in members:
            name, member = members[key.lower()]
            found[name] = as_shape(member, item)
    return found
