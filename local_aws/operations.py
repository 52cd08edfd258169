"""Operations that a service of MiniStack lacks, answered by somebody else behind the same door.

What is added here passes through MiniStack's own front: routing, signatures and IAM come first, as for its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ministack import app as ministack_app

Response = tuple[int, dict[str, str], Any]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]


@dataclass(frozen=True)
class Call:
    """A request as far as it says which operation it is.

    Attributes:
        operation: its name, such as ``CreateTransitGateway``; empty where the path says it.
        parameters: those of a form, one value each; empty for a service that sends JSON.
    """

    operation: str
    parameters: Mapping[str, str]


def answer(service: str, accepts: Callable[[Call], bool], handler: Handler) -> None:
    """Let ``handler`` answer the calls to a service that ``accepts`` says yes to; MiniStack answers the others."""
    ministacks = ministack_app.SERVICE_HANDLERS[service]

    async def answer_or_pass_on(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        responsible = handler if accepts(call_of(headers, body, query)) else ministacks
        return await responsible(method, path, headers, body, query)

    ministack_app.SERVICE_HANDLERS[service] = answer_or_pass_on


def add_service(service: str, handler: Handler) -> None:
    """Let ``handler`` answer every call to a service that MiniStack lacks altogether."""
    if service not in ministack_app.SERVICE_HANDLERS:
        ministack_app.SERVICE_HANDLERS[service] = handler


def call_of(headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]) -> Call:
    """Which operation a request is, from its target header or its form."""
    target = headers.get("x-amz-target", "")
    if target:
        return Call(target.rpartition(".")[2], {})
    form = parse_qs(body.decode("utf-8", "replace")) if "form-urlencoded" in headers.get("content-type", "") else {}
    values = {**query, **form}
    parameters = {name: value[0] if isinstance(value, list) else str(value) for name, value in values.items() if value}
    return Call(parameters.get("Action", ""), parameters)
