"""What answers on the port: MiniStack, completed and repaired, and a few pages of our own about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack import app as ministack_app
from ministack.core import lambda_runtime, node_pool
from ministack.services import lambda_svc

from local_aws import added_types, fidelity, moto_bridge, provisioners, repairs, stand_ins, touch_points, tracking
from local_aws.clients import Clients
from local_aws.settings import Settings
from local_aws.workers import WorkerGroup, stop_idle_workers

PREFIX = "/_local_aws/"
KNOWN = (provisioners, moto_bridge, stand_ins)
"""The packages whose import makes their types known."""


def create(settings: Settings, endpoint: str, workers: WorkerGroup) -> Any:
    """The ASGI application; MiniStack is prepared once per process, its environment being set.

    Raises:
        touch_points.UnknownVersionError: MiniStack isn't the one this package knows.
    """
    touch_points.check("ministack")
    workers.adopt(lambda_runtime, lambda_svc, node_pool)
    stop_idle_workers(lambda_runtime, settings.idle_function_seconds)
    clients = Clients(endpoint)
    repairs.apply(clients, settings)
    moto_bridge.install(clients)
    added_types.install(clients)
    pages: dict[str, Callable[[], object]] = {
        "health": lambda: {"status": "ready", "endpoint": endpoint, "enforces_iam": settings.enforce_iam},
        "resources": fidelity.of_all,
    }

    if settings.track_properties:
        tracking.install()
        pages["unread-properties"] = tracking.unread

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            page = pages.get(scope["path"].removeprefix(PREFIX))
            await _answer(send, 200 if page else 404, page() if page else {"pages": sorted(pages)})
        else:
            await ministack_app.app(scope, receive, send)

    return application


async def _answer(send: Any, status: int, content: object) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(content).encode()})
