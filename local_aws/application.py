"""What answers on the port: MiniStack, and two pages of our own about it."""

from __future__ import annotations

import json
from typing import Any

from ministack import app as ministack_app
from ministack.core import lambda_runtime, node_pool
from ministack.services import lambda_svc

from local_aws.settings import Settings
from local_aws.workers import WorkerGroup, stop_idle_workers

PREFIX = "/_local_aws/"


def create(settings: Settings, endpoint: str, workers: WorkerGroup) -> Any:
    """The ASGI application; MiniStack is prepared once per process, its environment being set."""
    workers.adopt(lambda_runtime, lambda_svc, node_pool)
    stop_idle_workers(lambda_runtime, settings.idle_function_seconds)
    pages = {"health": lambda: {"status": "ready", "endpoint": endpoint, "enforces_iam": settings.enforce_iam}}

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
