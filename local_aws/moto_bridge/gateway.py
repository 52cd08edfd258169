"""The door to moto: which requests go there, and how."""

from __future__ import annotations

import asyncio
import functools
import io
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from ministack.core import iam_actions, responses

from local_aws import operations, touch_points
from local_aws.clients import Clients
from local_aws.operations import Call, Response

# Whole services: their name in a signature, their name in botocore where the path tells the operation, both of which
# MiniStack's IAM has to know to ask the right question.
_SERVICES: Mapping[str, str | None] = {
    "application-autoscaling": None,
    "codedeploy": None,
    "codepipeline": None,
    "guardduty": "guardduty",
    "macie2": "macie2",
    "securityhub": "securityhub",
    "synthetics": "synthetics",
}
_TRANSIT_GATEWAY = re.compile(r"tgw-")
# Operations of services that MiniStack has, without these.
_OPERATIONS: Mapping[str, Callable[[Call], bool]] = {
    "config": lambda call: "ConfigurationAggregator" in call.operation or "AggregationAuthorization" in call.operation,
    "ec2": lambda call: "TransitGateway" in call.operation or _tags_a_transit_gateway(call),
    "ssm": lambda call: "Document" in call.operation,
    "wafv2": lambda call: "LoggingConfiguration" in call.operation,
}


def install(clients: Clients) -> None:
    """Open the door."""
    for service, botocore_name in _SERVICES.items():
        operations.add_service(service, handle)
        iam_actions.SERVICE_TO_IAM_NAMESPACE.setdefault(service, service)
        if botocore_name:
            iam_actions._BOTOCORE_SERVICE_MAP.setdefault(service, [botocore_name])
    for service, accepts in _OPERATIONS.items():
        operations.answer(service, accepts, handle)
    _clients.append(clients)


async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    """Answer a request by moto, on a thread; the account is the one MiniStack found for the request."""
    return await asyncio.to_thread(_ask, method, path, headers, body, query, responses.get_account_id())


_clients: list[Clients] = []


@functools.cache
def _moto() -> Callable[..., Iterable[bytes]]:
    """moto's WSGI application, loaded when first asked: it takes a second."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from local_aws.moto_bridge import neighbours

    touch_points.check("moto")
    neighbours.connect(_clients[0])
    application: Callable[..., Iterable[bytes]] = DomainDispatcherApplication(create_backend_app)
    return application


def _ask(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], account: str) -> Response:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": urlencode(query, doseq=True),
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        if name not in ("content-type", "content-length"):
            environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    started: dict[str, Any] = {}

    def start_response(status: str, answered: list[tuple[str, str]], _: Any = None) -> None:
        started.update(status=int(status.split(maxsplit=1)[0]), headers=answered)

    content = b"".join(_moto()(environ, start_response))
    kept = {
        name: value for name, value in started["headers"] if name.lower() not in ("content-length", "server", "date")
    }
    return started["status"], kept, content


def _tags_a_transit_gateway(call: Call) -> bool:
    return call.operation in ("CreateTags", "DeleteTags") and any(
        name.startswith("ResourceId") and _TRANSIT_GATEWAY.match(value) for name, value in call.parameters.items()
    )
