"""The event that says an object is there to be processed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

OBJECT_REJECTED = "Object Rejected"
OBJECT_FAILED = "Object Failed"
_S3_SOURCE = "aws.s3"
_OBJECT_CREATED = "Object Created"
_SEQUENCER = re.compile(r"[0-9A-Fa-f]{1,64}")


class MalformedEventError(Exception):
    """The message is no event that this function can do anything with."""


@dataclass(frozen=True)
class Notice:
    """One version of an object, as S3's event names it.

    ``version_id`` is None for an event of a bucket without versions. ``is_redrive`` marks an event of this
    function's own, about an object that was rejected or failed, which an operator has put back into the queue.
    ``object`` is the event's ``detail.object`` unchanged.
    """

    event_id: str
    is_redrive: bool
    bucket: str
    key: str
    version_id: str | None
    sequencer: str
    object: dict[str, Any]

    @property
    def is_folder(self) -> bool:
        """Whether this is the empty object by which consoles represent a folder."""
        return self.key.endswith("/") and self.object.get("size") == 0

    @classmethod
    def parse(cls, body: str, *, own_source: str) -> Notice:
        """Read an EventBridge event: S3's ``Object Created``, or a rejected or failed one of ``own_source``.

        The key is taken as it stands: other than in S3's own notifications it is not URL-encoded in events.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html

        Raises :class:`MalformedEventError`.
        """
        try:
            event = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise MalformedEventError(f"the message is not JSON: {error}") from error
        kind = (_text(event, "source"), _text(event, "detail-type"))
        is_redrive = kind in {(own_source, OBJECT_REJECTED), (own_source, OBJECT_FAILED)}
        if not is_redrive and kind != (_S3_SOURCE, _OBJECT_CREATED):
            raise MalformedEventError(f"the event is {kind[1]!r} of {kind[0]!r}, nothing to process")
        object_ = _part(_part(event, "detail"), "object")
        sequencer = _text(object_, "sequencer")
        if not _SEQUENCER.fullmatch(sequencer):
            raise MalformedEventError(f"the sequencer {sequencer!r} is not a hexadecimal number")
        return cls(
            event_id=_text(event, "id"),
            is_redrive=is_redrive,
            bucket=_text(_part(_part(event, "detail"), "bucket"), "name"),
            key=_text(object_, "key"),
            version_id=_text(object_, "version-id") if "version-id" in object_ else None,
            sequencer=sequencer,
            object=object_,
        )


def _part(whole: Any, name: str) -> dict[str, Any]:
    part = whole.get(name) if isinstance(whole, dict) else None
    if not isinstance(part, dict):
        raise MalformedEventError(f"the event has no object {name!r}")
    return part


def _text(whole: Any, name: str) -> str:
    text = whole.get(name) if isinstance(whole, dict) else None
    if not isinstance(text, str) or not text:
        raise MalformedEventError(f"the event has no text {name!r}")
    return text
