"""What the application answers, path by path."""

from __future__ import annotations

import asyncio
import html
from dataclasses import asdict
from typing import Any

from application import logs
from application.aws import AwsError
from application.health import DeepHealth
from application.identity import Identity
from application.items import ItemStore, is_item_id, parse_document
from application.lifecycle import Lifecycle
from application.messages import Request, Response
from application.offload import Offload

_CONCURRENT_ITEM_CALLS = 32
_ITEMS = "/items/"


class Application:
    """Answers requests. Without an ``items`` store, items are answered with 501.

    To be made where the event loop runs.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        health: DeepHealth,
        unchecked: tuple[str, ...],
        items: ItemStore | None,
        item_seconds: float,
        lifecycle: Lifecycle,
    ) -> None:
        self._identity = identity
        self._health = health
        self._unchecked = unchecked
        self._items = items
        self._item_seconds = item_seconds
        self._lifecycle = lifecycle
        self._offload = Offload(_CONCURRENT_ITEM_CALLS)

    async def respond(self, request: Request) -> Response:
        """The response to ``request``."""
        method = "GET" if request.head.method == "HEAD" else request.head.method
        if request.path.startswith(_ITEMS):
            return await self._item(method, request)
        if request.path not in ("/", "/health", "/health/deep"):
            return Response.error(404, "there is nothing at this path")
        if method != "GET":
            return _not_allowed("GET, HEAD")
        if request.path == "/health":
            return self._shallow()
        if request.path == "/health/deep":
            return await self._deep()
        return self._root(request)

    def _shallow(self) -> Response:
        if self._lifecycle.draining:
            return Response.json(503, {"status": "draining"})
        return Response.json(200, {"status": "healthy"})

    async def _deep(self) -> Response:
        if self._lifecycle.draining:
            return Response.json(503, {"status": "draining", "failed": []})
        report = await self._health.report()
        content = {"region": self._identity.region, **report.as_json(unchecked=self._unchecked)}
        return Response.json(503 if report.failed else 200, content)

    def _root(self, request: Request) -> Response:
        facts = asdict(self._identity)
        vary = {"Vary": "Accept"}
        if not prefers_html(request.head.fields.get("accept", "")):
            return Response.json(200, facts, vary)
        rows = "".join(f"<dt>{name}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items())
        page = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(facts["region"])}</title>'
            f"</head><body><h1>Served by {html.escape(facts['region'])}</h1><dl>{rows}</dl></body></html>\n"
        )
        return Response(200, page.encode(), "text/html; charset=utf-8", vary)

    async def _item(self, method: str, request: Request) -> Response:
        if method not in ("GET", "PUT"):
            return _not_allowed("GET, HEAD, PUT")
        if not self._items:
            return Response.error(501, "this application was given no table")
        item_id = request.path[len(_ITEMS) :]
        if not is_item_id(item_id):
            return Response.error(400, "an item's id is 1 to 128 letters, digits, dots, hyphens and underscores")
        try:
            if method == "PUT":
                return await self._put(self._items, item_id, request.body)
            return await self._get(self._items, item_id)
        except AwsError as error:
            return self._unavailable(str(error))
        except asyncio.TimeoutError:
            return self._unavailable(f"no answer in {self._item_seconds:g} s")

    async def _put(self, items: ItemStore, item_id: str, body: bytes) -> Response:
        try:
            document = parse_document(body)
        except (ValueError, RecursionError):
            return Response.error(400, "the body is not a JSON object in UTF-8")
        item, new = await self._offload.run(lambda: items.put(item_id, document), seconds=self._item_seconds)
        return self._served(201 if new else 200, item.as_json())

    async def _get(self, items: ItemStore, item_id: str) -> Response:
        item = await self._offload.run(lambda: items.get(item_id), seconds=self._item_seconds)
        if not item:
            return Response.error(404, "there is no such item")
        return self._served(200, item.as_json())

    def _served(self, status: int, content: dict[str, Any]) -> Response:
        return Response.json(status, {**content, "served_by": self._identity.region})

    def _unavailable(self, reason: str) -> Response:
        logs.warning("table_unavailable", reason=reason)
        return Response.error(503, "the table does not answer", {"Retry-After": "1"})


def prefers_html(accept: str) -> bool:
    """Whether a client with this ``Accept`` header would rather have HTML than JSON, as browsers would."""
    quality = {"text/html": 0.0, "application/json": 0.0}
    for choice in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in choice.split(";"))
        if kind not in quality:
            continue
        weight = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
        try:
            quality[kind] = float(weight)
        except ValueError:
            continue
    return quality["text/html"] > quality["application/json"]


def _not_allowed(methods: str) -> Response:
    return Response.error(405, "this path does not know the method", {"Allow": methods})
