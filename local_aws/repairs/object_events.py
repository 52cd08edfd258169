"""An event about an object of a versioned bucket says which version it is about.

MiniStack's events for EventBridge leave ``version-id`` out, where those it sends to queues and topics have it:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any

from ministack.services import eventbridge, s3

_version: ContextVar[str | None] = ContextVar("version", default=None)


def apply() -> None:
    """Repair it."""
    fire, dispatch = s3._fire_s3_event, eventbridge._dispatch_event

    def fire_s3_event(*event: Any, version_id: str | None = None, **more: Any) -> None:
        token = _version.set(version_id)
        try:
            fire(*event, version_id=version_id, **more)
        finally:
            _version.reset(token)

    def dispatch_event(event: dict[str, Any], *rest: Any, **more: Any) -> Any:
        version = _version.get()
        if version and event.get("Source") == "aws.s3":
            detail = json.loads(event["Detail"])
            detail["object"]["version-id"] = version
            event = {**event, "Detail": json.dumps(detail)}
        return dispatch(event, *rest, **more)

    s3._fire_s3_event = fire_s3_event
    eventbridge._dispatch_event = dispatch_event
