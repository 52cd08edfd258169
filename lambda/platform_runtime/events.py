"""Events on the region's default event bus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

MAX_ENTRY_BYTES = 256 * 1024
"""What Source, DetailType and Detail of one entry may have together.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
"""


class PublishError(Exception):
    """EventBridge took the request and refused the event in it."""


class EventPublisher:
    """Puts events of one source."""

    def __init__(self, client: EventBridgeClient, source: str) -> None:
        self._client = client
        self._source = source

    def publish(self, detail_type: str, detail: Mapping[str, Any]) -> None:
        """Put one event.

        Raises :class:`PublishError` if the event is too large or EventBridge reports it as failed, and botocore's
        errors if the call itself fails. Either way the event may be put again.
        """
        text = json.dumps(detail, separators=(",", ":"))
        size = len(self._source.encode()) + len(detail_type.encode()) + len(text)
        if size > MAX_ENTRY_BYTES:
            raise PublishError(f"{detail_type}: the event has {size} bytes, EventBridge takes {MAX_ENTRY_BYTES}")
        response = self._client.put_events(
            Entries=[{"Source": self._source, "DetailType": detail_type, "Detail": text}]
        )
        if response["FailedEntryCount"]:
            entry = response["Entries"][0]
            raise PublishError(
                f"{detail_type}: {entry.get('ErrorCode', 'no code')}: {entry.get('ErrorMessage', 'no message')}"
            )
