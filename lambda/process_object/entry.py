"""What the catalogue knows about a version of an object, and what follows from it for the next event."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Any

from process_object.notice import Notice


class ConflictError(Exception):
    """Somebody else has changed the entry since it was read."""


class CatalogueUnavailableError(Exception):
    """The catalogue could not be read or written."""


class Status(StrEnum):
    """Where a version stands. ``PROCESSED`` is final, ``REJECTED`` is until somebody redrives it."""

    PROCESSING = "PROCESSING"
    PROCESSED = "PROCESSED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"


@dataclass(frozen=True)
class Claim:
    """The right of one message to work on a version until ``until`` (seconds since 1970).

    ``id`` changes with every claim: whoever writes under a claim names it, so that a worker that was given up
    for dead can't overwrite what its successor has done.
    """

    id: str
    message_id: str
    until: int

    def is_live(self, now: float) -> bool:
        """Whether its holder may still be at work."""
        return now < self.until

    def released(self) -> Claim:
        """The same claim, at its end."""
        return replace(self, until=0)


@dataclass(frozen=True)
class Entry:
    """One version of an object in the catalogue.

    ``reason`` is set for what was rejected or failed, ``summary`` and ``output`` for what was processed. ``region``
    is where it happened, ``processed_at`` an ISO 8601 time in UTC, ``correlation_id`` the event it happened for.
    """

    object: str
    version: str
    status: Status
    sequencer: str
    region: str
    correlation_id: str
    processed_at: str
    claim: Claim
    notified: bool = False
    reason: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    output: dict[str, str] | None = None

    @property
    def has_result(self) -> bool:
        """Whether the work is done and only telling of it may be missing."""
        return self.status in {Status.PROCESSED, Status.REJECTED}

    def as_item(self) -> dict[str, Any]:
        """The entry as flat data, without what is not set."""
        item = asdict(self)
        item["status"] = self.status.value
        item |= item.pop("summary") or {}
        return {name: value for name, value in item.items() if value is not None}

    @classmethod
    def from_item(cls, item: dict[str, Any]) -> Entry:
        """The entry that :meth:`as_item` has written."""
        own = {name: item[name] for name in cls.__dataclass_fields__ if name in item}
        summary = {name: item[name] for name in _SUMMARY if name in item}
        own |= {"status": Status(item["status"]), "claim": Claim(**item["claim"]), "summary": summary or None}
        return cls(**own)


_SUMMARY = ("kind", "size", "sha256", "rows", "lines", "words", "schema")


class Verdict(Enum):
    """What an event asks for, given what is known already."""

    PROCESS = auto()
    NOTIFY = auto()
    IGNORE = auto()
    WAIT = auto()


def judge(known: Entry | None, notice: Notice, *, message_id: str, now: float) -> Verdict:
    """Decide what to do about an event.

    What another message is at work on is that message's business: the queue delivers it again if its worker dies,
    so this one may be forgotten. Two have to wait and see: a second delivery of the very same message, and a
    redriven event, which may be the last that is left of its object.
    """
    if known is None:
        return Verdict.PROCESS
    if known.claim.is_live(now):
        return Verdict.WAIT if notice.is_redrive or known.claim.message_id == message_id else Verdict.IGNORE
    if not known.has_result:
        return Verdict.PROCESS
    if known.status is Status.REJECTED and notice.is_redrive and notice.event_id != known.correlation_id:
        return Verdict.PROCESS
    return Verdict.IGNORE if known.notified else Verdict.NOTIFY
