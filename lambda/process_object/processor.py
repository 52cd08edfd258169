"""What happens to an object from its event to the event about it, step by step, each safe to repeat.

Claim the version in the catalogue, convert it, record the result, move ``latest`` forward, tell everybody, note
that they were told. After a crash the claim runs out and the event, delivered again, goes on where work stopped.
"""

from __future__ import annotations

import json
import math
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from platform_runtime.events import EventPublisher
from platform_runtime.objects import ObjectGoneError, ObjectReader, ObjectWriter, StoredObject

from process_object.catalogue import Catalogue
from process_object.conversion import Conversion
from process_object.entry import CatalogueUnavailableError, Claim, ConflictError, Entry, Status, Verdict, judge
from process_object.notice import OBJECT_FAILED, OBJECT_REJECTED, Notice
from process_object.refusal import Reason, Refusal, RefusedError

OBJECT_PROCESSED = "Object Processed"
_DETAIL_TYPES = {
    Status.PROCESSED: OBJECT_PROCESSED,
    Status.REJECTED: OBJECT_REJECTED,
    Status.FAILED: OBJECT_FAILED,
}
_OBJECT_FIELDS = ("key", "size", "etag", "version-id", "sequencer")
# An item may have 400 KiB and an event 256 KiB; the summary object in S3 has the whole schema.
_MAX_SCHEMA_BYTES = 96 * 1024
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_MAX_KEY_BYTES = 1024
_MAX_REASON_CHARACTERS = 1000
_RESERVED_SECONDS = 15
_CLAIM_MARGIN_SECONDS = 5
_ATTEMPTS_AT_A_CLAIM = 3


class BusyError(Exception):
    """Another delivery is being worked on, and this one may still be needed: it must come again later."""


class OutOfTimeError(Exception):
    """The function's timeout is so near that the work could not be finished in an orderly way."""


class Outcome(StrEnum):
    """What became of an event."""

    PROCESSED = "processed"
    REJECTED = "rejected"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    REPLICA = "replica"
    GONE = "gone"
    FOLDER = "folder"


@dataclass(frozen=True)
class Result:
    """An outcome, the entry if there is a new one, and the error that made the function give up."""

    outcome: Outcome
    entry: Entry | None = None
    error: Exception | None = None


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message: ``is_last`` if the queue would not deliver it again."""

    message_id: str
    is_last: bool
    seconds_left: Callable[[], float]


@dataclass(frozen=True)
class Processor:
    """Processes objects into ``bucket``, with the parts it works with handed in."""

    reader: ObjectReader
    writer: ObjectWriter
    catalogue: Catalogue
    publisher: EventPublisher
    bucket: str
    region: str
    clock: Callable[[], float] = time.time
    trace: Callable[[str], AbstractContextManager[object]] = nullcontext

    def process(self, notice: Notice, delivery: Delivery) -> Result:
        """Bring one event to its end.

        Any error that is raised means: deliver the message again. On the last delivery the object is reported as
        failed instead, and an error is raised only if that is impossible, too.
        """
        if notice.is_folder:
            return Result(Outcome.FOLDER)
        try:
            version = notice.version_id or self.reader.current_version(notice.bucket, notice.key)
            return self._settle(notice, version, delivery)
        except ObjectGoneError:
            return Result(Outcome.GONE)

    def _settle(self, notice: Notice, version: str, delivery: Delivery) -> Result:
        try:
            return self._attempt(notice, version, delivery)
        except (BusyError, ObjectGoneError):
            raise
        except Exception as error:
            if not delivery.is_last:
                raise
            return self._give_up(notice, version, delivery, error)

    def _attempt(self, notice: Notice, version: str, delivery: Delivery) -> Result:
        for _ in range(_ATTEMPTS_AT_A_CLAIM):
            known, verdict = self._judge(notice, version, delivery)
            with suppress(ConflictError):
                if verdict is Verdict.IGNORE:
                    return Result(Outcome.DUPLICATE)
                if verdict is Verdict.NOTIFY and known is not None:
                    entry = self._claim(replace(known, claim=self._new_claim(delivery)), known)
                    return self._conclude(notice, entry)
                return self._work(notice, version, known, delivery)
        raise BusyError(f"other messages keep changing the entry of {notice.key}")

    def _judge(self, notice: Notice, version: str, delivery: Delivery) -> tuple[Entry | None, Verdict]:
        with self.trace("look up"):
            known = self.catalogue.find(_object_id(notice), version)
        verdict = judge(known, notice, message_id=delivery.message_id, now=self.clock())
        if verdict is Verdict.WAIT:
            raise BusyError(f"another delivery is at work on {notice.key}")
        return known, verdict

    def _work(self, notice: Notice, version: str, known: Entry | None, delivery: Delivery) -> Result:
        with self.reader.open(notice.bucket, notice.key, version) as stored:
            if stored.is_replica:
                return Result(Outcome.REPLICA)
            claimed = self._claim(self._entry(notice, version, delivery, Status.PROCESSING), known)
            with self._released_on_error(claimed):
                entry = self._converted(claimed, notice, stored, delivery)
                self.catalogue.update(entry)
        return self._conclude(notice, entry)

    def _claim(self, entry: Entry, known: Entry | None) -> Entry:
        with self.trace("claim"):
            try:
                self.catalogue.claim(entry, instead_of=known.claim if known else None)
            except ConflictError:
                # If the answer to a write got lost, the repeated write finds its own claim.
                current = self.catalogue.find(entry.object, entry.version)
                if current is None or current.claim.id != entry.claim.id:
                    raise
        return entry

    @contextmanager
    def _released_on_error(self, entry: Entry) -> Iterator[None]:
        """Let the next delivery begin at once after an error; after a crash it begins when the claim runs out."""
        try:
            yield
        except Exception:
            with suppress(CatalogueUnavailableError, ConflictError):
                self.catalogue.update(replace(entry, claim=entry.claim.released()))
            raise

    def _converted(self, claimed: Entry, notice: Notice, stored: StoredObject, delivery: Delivery) -> Entry:
        """The entry with the result of the work, whose products are in the bucket."""
        chunks = _in_time(stored.chunks(), delivery)
        try:
            with self.trace("convert"):
                return self._processed(claimed, notice, chunks)
        except RefusedError as error:
            return replace(claimed, status=Status.REJECTED, reason=error.refusal.as_detail(), processed_at=self._now())

    def _processed(self, claimed: Entry, notice: Notice, chunks: Iterable[bytes]) -> Entry:
        prefix = f"{notice.key}/{claimed.version}"
        summary_key = f"{prefix}/summary.json"
        excess = len(summary_key.encode()) - _MAX_KEY_BYTES
        if excess > 0:
            raise RefusedError(
                Reason.KEY_TOO_LONG, f"the key is {excess} bytes too long for the names of what is made of it"
            )
        conversion = Conversion(notice.key, chunks)
        data_key = f"{prefix}/data.{conversion.extension}"
        self.writer.write(self.bucket, data_key, conversion.blocks(), content_type=conversion.content_type)
        summary = conversion.summary
        document = {
            "object": {"bucket": notice.bucket, "key": notice.key, "version-id": claimed.version},
            "data": data_key,
            **summary.as_detail(max_schema_bytes=sys.maxsize),
        }
        text = json.dumps(document, indent=2) + "\n"
        self.writer.write(self.bucket, summary_key, [text.encode()], content_type="application/json")
        return replace(
            claimed,
            status=Status.PROCESSED,
            summary=summary.as_detail(max_schema_bytes=_MAX_SCHEMA_BYTES),
            output={"bucket": self.bucket, "data": data_key, "summary": summary_key},
            processed_at=self._now(),
        )

    def _conclude(self, notice: Notice, entry: Entry) -> Result:
        """Everything that follows once the result is recorded."""
        with self._released_on_error(entry), self.trace("tell"):
            self.catalogue.point_to(entry)
            self._publish(notice, entry)
            entry = replace(entry, notified=True, claim=entry.claim.released())
            self.catalogue.update(entry)
        return Result(Outcome(entry.status.lower()), entry)

    def _give_up(self, notice: Notice, version: str, delivery: Delivery, error: Exception) -> Result:
        """Report an object as failed, in the catalogue as far as it can be reached, and with an event in any case."""
        reason = Reason.OUT_OF_TIME if isinstance(error, OutOfTimeError) else Reason.PROCESSING_FAILED
        message = f"{type(error).__name__}: {error}"[:_MAX_REASON_CHARACTERS]
        entry = self._entry(notice, version, delivery, Status.FAILED)
        entry = replace(entry, claim=entry.claim.released(), reason=Refusal(reason, message).as_detail())
        known, verdict = None, Verdict.PROCESS
        # What can't be recorded now can still be told.
        with suppress(CatalogueUnavailableError):
            known, verdict = self._judge(notice, version, delivery)
        if verdict is Verdict.IGNORE:
            return Result(Outcome.DUPLICATE)
        if verdict is Verdict.NOTIFY:
            # The work is done, only the event about it is missing: to report a failure would be wrong.
            raise error
        with suppress(CatalogueUnavailableError):
            self._claim(entry, known)
            self.catalogue.point_to(entry)
        self._publish(notice, entry)
        with suppress(CatalogueUnavailableError, ConflictError):
            self.catalogue.update(replace(entry, notified=True))
        return Result(Outcome.FAILED, entry, error)

    def _publish(self, notice: Notice, entry: Entry) -> None:
        object_ = {**notice.object, "version-id": entry.version}
        detail: dict[str, Any] = {
            "bucket": {"name": notice.bucket},
            "object": {name: object_[name] for name in _OBJECT_FIELDS if name in object_},
            "status": entry.status.value,
            "region": entry.region,
            "correlation-id": entry.correlation_id,
            "processed-at": entry.processed_at,
            "reason": entry.reason,
            "summary": entry.summary,
            "output": entry.output,
        }
        self.publisher.publish(
            _DETAIL_TYPES[entry.status], {name: value for name, value in detail.items() if value is not None}
        )

    def _entry(self, notice: Notice, version: str, delivery: Delivery, status: Status) -> Entry:
        return Entry(
            object=_object_id(notice),
            version=version,
            status=status,
            sequencer=notice.sequencer,
            region=self.region,
            correlation_id=notice.event_id,
            processed_at=self._now(),
            claim=self._new_claim(delivery),
        )

    def _new_claim(self, delivery: Delivery) -> Claim:
        """A claim that outlasts this invocation, and not by much: then its holder is certainly dead."""
        until = math.ceil(self.clock() + delivery.seconds_left()) + _CLAIM_MARGIN_SECONDS
        return Claim(id=uuid.uuid4().hex, message_id=delivery.message_id, until=until)

    def _now(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="milliseconds")


def _object_id(notice: Notice) -> str:
    return f"{notice.bucket}/{notice.key}"


def _in_time(chunks: Iterable[bytes], delivery: Delivery) -> Iterator[bytes]:
    for chunk in chunks:
        if delivery.seconds_left() < _RESERVED_SECONDS:
            raise OutOfTimeError("the object takes longer than the function's timeout allows")
        yield chunk
