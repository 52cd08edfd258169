"""From event to event, against AWS in memory: once, whatever comes twice, breaks off or comes in another order."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from platform_runtime.events import MAX_ENTRY_BYTES, PublishError
from process_object.catalogue import LATEST, Catalogue
from process_object.entry import CatalogueUnavailableError, Entry, Status
from process_object.processor import BusyError, Outcome, Result

from tests.functions.pipeline import CLIENTS, PROCESSED, RAW, REGION, Crash, Pipeline, answers_changed, calls_hooked

ORDERS = b"Order ID,Amount\r\n1,2.50\r\n2,\r\n"
BROKEN = b'[{"id": 1}, {"id": '
CLEAN_RUN_CALLS = 9
"""Look up, read, claim, write data and summary, record, move latest, tell, note that it was told."""


def object_of(event: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = event["detail"]["object"]
    return part


def throttled(operation: str) -> ClientError:
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, operation)


@contextmanager
def service_down(*services: str) -> Iterator[None]:
    def refuse(service: str, operation: str) -> None:
        if service in services:
            raise throttled(operation)

    with calls_hooked(refuse):
        yield


@contextmanager
def interrupted_at(call: int, moment: str, error: BaseException) -> Iterator[list[str]]:
    """Raise ``error`` right before or after the call with this number; the calls made are collected."""
    calls: list[str] = []

    def count(service: str, operation: str) -> None:
        calls.append(operation)
        if len(calls) == call:
            raise error

    with calls_hooked(count, moment=moment):
        yield calls


def test_an_object_is_converted_catalogued_and_announced(pipeline: Pipeline) -> None:
    event = pipeline.put("orders/2026 März+1.csv", ORDERS)
    result = pipeline.deliver(event)
    assert result.outcome is Outcome.PROCESSED

    version = object_of(event)["version-id"]
    data, summary = f"orders/2026 März+1.csv/{version}/data.jsonl", f"orders/2026 März+1.csv/{version}/summary.json"
    written = pipeline.written()
    assert set(written) == {data, summary}
    assert written[data] == [b'{"order_id":"1","amount":"2.50"}\n{"order_id":"2","amount":null}\n']
    document = json.loads(written[summary][0])
    assert document["object"] == {"bucket": RAW, "key": "orders/2026 März+1.csv", "version-id": version}
    facts = {name: document[name] for name in ("kind", "size", "sha256", "rows", "schema")}
    assert facts == {
        "kind": "csv",
        "size": len(ORDERS),
        "sha256": hashlib.sha256(ORDERS).hexdigest(),
        "rows": 2,
        "schema": {
            "columns": [
                {"name": "order_id", "type": "integer", "nulls": 0},
                {"name": "amount", "type": "number", "nulls": 1},
            ],
            "complete": True,
        },
    }

    item = pipeline.item(event)
    assert {name: item[name] for name in facts} == facts
    assert item["status"] == "PROCESSED"
    assert item["notified"] is True
    assert item["output"] == {"bucket": PROCESSED, "data": data, "summary": summary}
    assert (item["region"], item["sequencer"]) == (REGION, object_of(event)["sequencer"])
    assert (item["correlation_id"], item["processed_at"]) == (event["id"], "2026-05-28T20:26:40.000+00:00")

    (announced,) = pipeline.announced()
    assert announced["detail-type"] == "Object Processed"
    assert announced["detail"] == {
        "bucket": {"name": RAW},
        "object": object_of(event),
        "status": "PROCESSED",
        "region": REGION,
        "correlation-id": event["id"],
        "processed-at": item["processed_at"],
        "summary": facts,
        "output": item["output"],
    }


def test_a_broken_object_is_rejected_with_its_reason_and_leaves_nothing_behind(pipeline: Pipeline) -> None:
    event = pipeline.put("broken.json", BROKEN)
    assert pipeline.deliver(event).outcome is Outcome.REJECTED
    (announced,) = pipeline.announced()
    assert announced["detail-type"] == "Object Rejected"
    assert announced["detail"]["reason"] == {
        "code": "TRUNCATED_JSON",
        "message": "line 1: the document ends in the middle of record 2",
        "line": 1,
    }
    assert announced["detail"]["object"] == object_of(event)
    assert pipeline.item(event)["reason"] == announced["detail"]["reason"]
    assert pipeline.written() == {}


def test_a_broken_object_of_many_parts_aborts_its_upload(pipeline: Pipeline) -> None:
    row = b"x" * 1000 + b",1\n"
    event = pipeline.put("large.csv", b"a,b\n" + row * 12_000 + b"1,2,3\n")
    calls: list[str] = []
    with calls_hooked(lambda _, operation: calls.append(operation)):
        assert pipeline.deliver(event).outcome is Outcome.REJECTED
    assert "UploadPart" in calls
    assert "AbortMultipartUpload" in calls
    assert CLIENTS["s3"].list_multipart_uploads(Bucket=PROCESSED).get("Uploads", []) == []
    assert pipeline.item(event)["reason"]["line"] == 12_002


def test_an_object_of_many_parts_arrives_whole(pipeline: Pipeline) -> None:
    content = b"".join(b"line %d of a text that is longer than one part\n" % number for number in range(250_000))
    event = pipeline.put("large.txt", content)
    calls: Counter[str] = Counter()
    with calls_hooked(lambda _, operation: calls.update([operation])):
        assert pipeline.deliver(event).outcome is Outcome.PROCESSED
    assert calls["UploadPart"] == 2
    assert pipeline.written()[pipeline.item(event)["output"]["data"]] == [content]


def test_an_empty_object_is_processed(pipeline: Pipeline) -> None:
    event = pipeline.put("empty.csv", b"")
    assert pipeline.deliver(event).outcome is Outcome.PROCESSED
    (announced,) = pipeline.announced()
    assert (announced["detail"]["summary"]["kind"], announced["detail"]["summary"]["rows"]) == ("empty", 0)
    assert pipeline.written()[pipeline.item(event)["output"]["data"]] == [b""]


def test_the_products_of_a_key_of_the_greatest_length_have_no_room(pipeline: Pipeline) -> None:
    event = pipeline.put("ä" * 509 + ".csv", ORDERS)
    assert pipeline.deliver(event).outcome is Outcome.REJECTED
    assert pipeline.item(event)["reason"]["code"] == "KEY_TOO_LONG"


def test_the_event_about_a_table_of_very_many_columns_keeps_to_the_limit(pipeline: Pipeline) -> None:
    header = ",".join("ü" * 60 + str(number) for number in range(1000))
    event = pipeline.put("wide.csv", (header + "\n").encode())
    assert pipeline.deliver(event).outcome is Outcome.PROCESSED
    (announced,) = pipeline.announced()
    schema = announced["detail"]["summary"]["schema"]
    assert 100 < len(schema["columns"]) < 1000
    assert schema["complete"] is False
    assert len(json.dumps(announced["detail"])) < MAX_ENTRY_BYTES / 2
    document = json.loads(pipeline.written()[announced["detail"]["output"]["summary"]][0])
    assert (len(document["schema"]["columns"]), document["schema"]["complete"]) == (1000, True)


@pytest.mark.parametrize("content", [ORDERS, BROKEN])
@pytest.mark.parametrize("message_id", ["message-1", "message-2"])
def test_the_same_event_again_changes_nothing(pipeline: Pipeline, content: bytes, message_id: str) -> None:
    event = pipeline.put("orders.json" if content is BROKEN else "orders.csv", content)
    pipeline.deliver(event)
    before = pipeline.state()
    assert pipeline.deliver(event, message_id=message_id).outcome is Outcome.DUPLICATE
    assert pipeline.state() == before


class Meeting(Catalogue):
    """A catalogue whose readers wait for each other once, so that each has read before any writes."""

    def __init__(self, readers: int) -> None:
        super().__init__(CLIENTS["dynamodb"], "catalogue")
        self._barrier = threading.Barrier(readers)
        self._met = threading.local()

    def find(self, object_: str, version: str) -> Entry | None:
        entry = super().find(object_, version)
        if not getattr(self._met, "yes", False):
            self._met.yes = True
            self._barrier.wait(timeout=20)
        return entry


@contextmanager
def atomic_writes() -> Iterator[None]:
    """DynamoDB checks a condition and writes in one step; its double in memory needs a lock for that."""
    lock = threading.RLock()

    def enter(service: str, operation: str) -> None:
        if operation == "PutItem":
            lock.acquire()

    def leave(service: str, operation: str) -> None:
        if operation == "PutItem":
            lock.release()

    with calls_hooked(enter), calls_hooked(leave, moment="after"):
        yield


@pytest.mark.parametrize("same_message", [True, False])
def test_the_same_event_twice_at_once_is_processed_and_announced_once(pipeline: Pipeline, same_message: bool) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    processor = replace(pipeline.processor(), catalogue=Meeting(2))
    outcomes: list[object] = []

    def work(message_id: str) -> None:
        try:
            outcomes.append(pipeline.deliver(event, message_id=message_id, processor=processor).outcome)
        except BusyError as error:
            outcomes.append(type(error))

    with atomic_writes():
        threads = [threading.Thread(target=work, args=("m1" if same_message else f"m{n}",)) for n in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert outcomes.count(Outcome.PROCESSED) == 1
    # The second delivery of one message may have to come again; another message is the same event twice.
    (other,) = (outcome for outcome in outcomes if outcome is not Outcome.PROCESSED)
    assert other is Outcome.DUPLICATE or (same_message and other is BusyError)
    assert len(pipeline.announced()) == 1
    assert all(len(versions) == 1 for versions in pipeline.written().values())


def test_latest_is_the_version_that_was_put_last_in_whatever_order_events_come(pipeline: Pipeline) -> None:
    first = pipeline.put("orders.csv", ORDERS)
    second = pipeline.put("orders.csv", ORDERS + b"3,1\n")
    third = pipeline.put("orders.csv", BROKEN)
    for event in (second, first):
        pipeline.deliver(event)
        assert pipeline.item(first, LATEST)["version_id"] == object_of(second)["version-id"]
    pipeline.deliver(third)
    latest = pipeline.item(first, LATEST)
    assert latest["version_id"] == object_of(third)["version-id"]
    assert pipeline.item(first)["status"] == "PROCESSED"
    assert len(pipeline.announced()) == 3


def test_a_sequencer_of_more_digits_is_later(pipeline: Pipeline) -> None:
    late = pipeline.put("orders.csv", ORDERS)
    early = pipeline.put("orders.csv", ORDERS)
    object_of(late)["sequencer"] = "10A"
    object_of(early)["sequencer"] = "FF"
    for event in (late, early):
        pipeline.deliver(event)
    assert pipeline.item(late, LATEST)["version_id"] == object_of(late)["version-id"]


@pytest.mark.parametrize("call", range(1, CLEAN_RUN_CALLS + 1))
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("content", [ORDERS, BROKEN])
def test_a_crash_between_any_two_steps_is_healed_by_the_next_delivery(
    pipeline: Pipeline, call: int, moment: str, content: bytes
) -> None:
    event = pipeline.put("orders.csv" if content is ORDERS else "orders.json", content)
    with interrupted_at(call, moment, Crash()) as calls:
        try:
            pipeline.deliver(event)
        except Crash:
            pass
        else:
            assert content is BROKEN, "a rejected object takes fewer steps, an accepted one all of them"
            assert len(calls) < call
            return
    told, noted = len(pipeline.announced()), pipeline.item(event).get("notified", False)
    pipeline.now += pipeline.seconds_left + 6
    pipeline.deliver(event)

    status = "PROCESSED" if content is ORDERS else "REJECTED"
    assert (pipeline.item(event)["status"], pipeline.item(event)["notified"]) == (status, True)
    assert pipeline.item(event, LATEST)["status"] == status
    # Told twice only if the worker had told it and could not note that any more.
    assert len(pipeline.announced()) == told + (not noted)
    assert all(len(set(versions)) == 1 for versions in pipeline.written().values())
    before = pipeline.state()
    assert pipeline.deliver(event).outcome is Outcome.DUPLICATE
    assert pipeline.state() == before


def test_a_clean_run_makes_the_calls_that_the_crash_tests_count(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with interrupted_at(0, "before", Crash()) as calls:
        pipeline.deliver(event)
    assert calls == [
        "GetItem",
        "GetObject",
        "PutItem",
        "PutObject",
        "PutObject",
        "PutItem",
        "PutItem",
        "PutEvents",
        "PutItem",
    ]


def test_while_a_crashed_workers_claim_lasts_its_message_waits_and_another_is_forgotten(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with interrupted_at(4, "before", Crash()), pytest.raises(Crash):
        pipeline.deliver(event, message_id="message-1")
    with pytest.raises(BusyError):
        pipeline.deliver(event, message_id="message-1")
    assert pipeline.deliver(event, message_id="message-2").outcome is Outcome.DUPLICATE
    assert pipeline.announced() == []


def test_a_worker_given_up_for_dead_cannot_overwrite_its_successor(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    overtaken: list[Result] = []

    def overtake(service: str, operation: str) -> None:
        if operation == "PutObject" and not overtaken:
            overtaken.append(Result(Outcome.FAILED))
            pipeline.now += 1000
            overtaken[0] = pipeline.deliver(event, message_id="message-2")

    with calls_hooked(overtake):
        result = pipeline.deliver(event, message_id="message-1")
    assert overtaken[0].outcome is Outcome.PROCESSED
    assert result.outcome is Outcome.DUPLICATE
    assert len(pipeline.announced()) == 1


def test_a_claim_whose_answer_got_lost_is_still_ones_own(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    lost: list[str] = []

    class Forgetful(Catalogue):
        def claim(self, entry: Entry, *, instead_of: Any) -> None:
            super().claim(entry, instead_of=instead_of)
            if not lost:
                lost.append(entry.claim.id)
                super().claim(entry, instead_of=instead_of)

    processor = replace(pipeline.processor(), catalogue=Forgetful(CLIENTS["dynamodb"], "catalogue"))
    assert pipeline.deliver(event, processor=processor).outcome is Outcome.PROCESSED
    assert lost
    assert len(pipeline.announced()) == 1


@pytest.mark.parametrize("call", range(1, CLEAN_RUN_CALLS + 1))
def test_after_an_error_at_any_step_the_next_delivery_may_begin_at_once(pipeline: Pipeline, call: int) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with interrupted_at(call, "before", throttled("x")), pytest.raises((ClientError, CatalogueUnavailableError)):
        pipeline.deliver(event)
    pipeline.deliver(event)
    assert (pipeline.item(event)["status"], pipeline.item(event)["notified"]) == ("PROCESSED", True)
    assert len(pipeline.announced()) == (2 if call == CLEAN_RUN_CALLS else 1)


@pytest.mark.parametrize("call", range(1, CLEAN_RUN_CALLS + 1))
def test_nothing_is_lost_when_the_last_delivery_fails(pipeline: Pipeline, call: int) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    dead_letter = event
    with interrupted_at(call, "before", throttled("x")):
        try:
            result = pipeline.deliver(event, is_last=True)
        except (ClientError, CatalogueUnavailableError):
            # The queue moves the message itself to the dead-letter queue.
            result = None
    if result is not None:
        assert result.outcome is Outcome.FAILED
        (dead_letter,) = (event for event in pipeline.announced() if event["detail-type"] == "Object Failed")
        assert dead_letter["detail"]["reason"]["code"] == "PROCESSING_FAILED"
        assert "slow down" in dead_letter["detail"]["reason"]["message"]
        assert pipeline.item(event)["status"] == "FAILED"
    pipeline.deliver(dead_letter, message_id="redriven")
    assert (pipeline.item(event)["status"], pipeline.item(event)["notified"]) == ("PROCESSED", True)
    assert pipeline.announced()[-1]["detail-type"] == "Object Processed"
    assert pipeline.item(event, LATEST)["status"] == "PROCESSED"


def test_a_failure_is_told_even_if_the_catalogue_cannot_be_reached(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with service_down("dynamodb"):
        result = pipeline.deliver(event, is_last=True)
    assert result.outcome is Outcome.FAILED
    assert isinstance(result.error, CatalogueUnavailableError)
    (announced,) = pipeline.announced()
    assert announced["detail"]["status"] == "FAILED"
    assert pipeline.deliver(announced, message_id="redriven").outcome is Outcome.PROCESSED


def test_a_failure_that_cannot_be_told_is_left_to_the_queue(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with service_down("s3", "events"), pytest.raises(ClientError):
        pipeline.deliver(event, is_last=True)
    assert pipeline.deliver(event, message_id="redriven").outcome is Outcome.PROCESSED


def test_a_result_that_could_not_be_told_is_not_called_a_failure(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with service_down("events"), pytest.raises(ClientError):
        pipeline.deliver(event, is_last=True)
    assert (pipeline.item(event)["status"], pipeline.item(event)["notified"]) == ("PROCESSED", False)


def test_an_event_that_eventbridge_does_not_take_is_an_error(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)

    def refuse(answer: dict[str, Any]) -> None:
        answer["FailedEntryCount"] = 1
        answer["Entries"] = [{"ErrorCode": "ThrottlingException", "ErrorMessage": "too many"}]

    with answers_changed("events", "PutEvents", refuse), pytest.raises(PublishError, match="ThrottlingException"):
        pipeline.deliver(event)
    assert pipeline.item(event)["notified"] is False
    assert pipeline.deliver(event).outcome is Outcome.PROCESSED
    assert pipeline.item(event)["notified"] is True


def test_a_redriven_rejection_is_processed_anew(pipeline: Pipeline) -> None:
    event = pipeline.put("broken.json", BROKEN)
    pipeline.deliver(event)
    (rejection,) = pipeline.announced()

    # Rejected again: that is told again, so that it is in the dead-letter queue again.
    assert pipeline.deliver(rejection, message_id="redriven").outcome is Outcome.REJECTED
    assert len(pipeline.announced()) == 2
    before = pipeline.state()
    assert pipeline.deliver(rejection, message_id="redriven").outcome is Outcome.DUPLICATE
    assert pipeline.state() == before

    # After the repair of what refused it, it is accepted.
    second_rejection = pipeline.announced()[1]
    with answers_changed("s3", "GetObject", lambda answer: repair(answer, b'[{"id": 1}]')):
        assert pipeline.deliver(second_rejection, message_id="redriven-2").outcome is Outcome.PROCESSED
    assert pipeline.item(event)["status"] == "PROCESSED"
    assert "reason" not in pipeline.item(event)
    assert pipeline.item(event, LATEST)["status"] == "PROCESSED"


def repair(answer: dict[str, Any], content: bytes) -> None:
    answer["Body"] = StreamingBody(io.BytesIO(content), len(content))
    answer["ContentLength"] = len(content)


def test_a_redriven_event_waits_for_whoever_is_at_work(pipeline: Pipeline) -> None:
    event = pipeline.put("broken.json", BROKEN)
    pipeline.deliver(event)
    (rejection,) = pipeline.announced()
    with interrupted_at(4, "before", Crash()), pytest.raises(Crash):
        pipeline.deliver(rejection, message_id="redriven-1")
    with pytest.raises(BusyError):
        pipeline.deliver(rejection, message_id="redriven-2")


def test_a_replica_is_left_to_its_source_region(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with answers_changed("s3", "GetObject", lambda answer: answer.update(ReplicationStatus="REPLICA")):
        assert pipeline.deliver(event).outcome is Outcome.REPLICA
    assert pipeline.state() == ([], {}, 0)


@pytest.mark.parametrize("status", ["COMPLETED", "PENDING", "FAILED"])
def test_the_source_of_a_replica_is_processed(pipeline: Pipeline, status: str) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with answers_changed("s3", "GetObject", lambda answer: answer.update(ReplicationStatus=status)):
        assert pipeline.deliver(event).outcome is Outcome.PROCESSED


def test_an_object_deleted_meanwhile_is_done(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    CLIENTS["s3"].delete_object(Bucket=RAW, Key="orders.csv", VersionId=object_of(event)["version-id"])
    assert pipeline.deliver(event, is_last=True).outcome is Outcome.GONE
    assert pipeline.state() == ([], {}, 0)


def test_a_version_behind_a_delete_marker_is_still_processed(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    CLIENTS["s3"].delete_object(Bucket=RAW, Key="orders.csv")
    assert pipeline.deliver(event).outcome is Outcome.PROCESSED


def test_a_folder_is_ignored(pipeline: Pipeline) -> None:
    assert pipeline.deliver(pipeline.put("orders/", b"")).outcome is Outcome.FOLDER
    assert pipeline.deliver(pipeline.put("strange/", b"text")).outcome is Outcome.PROCESSED
    assert len(pipeline.announced()) == 1


def test_an_event_without_a_version_means_the_current_one(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    version = object_of(event).pop("version-id")
    assert pipeline.deliver(event).outcome is Outcome.PROCESSED
    assert pipeline.item(event, version)["status"] == "PROCESSED"
    assert pipeline.announced()[0]["detail"]["object"]["version-id"] == version
    CLIENTS["s3"].delete_object(Bucket=RAW, Key="orders.csv")
    assert pipeline.deliver(event).outcome is Outcome.GONE


def test_an_object_that_takes_too_long_is_tried_again_and_then_failed_with_that_reason(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    pipeline.seconds_left = 14.0
    result = pipeline.deliver(event, is_last=True)
    assert result.outcome is Outcome.FAILED
    (announced,) = pipeline.announced()
    assert announced["detail"]["reason"]["code"] == "OUT_OF_TIME"
    pipeline.seconds_left = 300.0
    assert pipeline.deliver(announced, message_id="redriven").outcome is Outcome.PROCESSED


def test_a_failed_object_is_processed_when_its_event_comes_again(pipeline: Pipeline) -> None:
    event = pipeline.put("orders.csv", ORDERS)
    with service_down("s3"):
        pipeline.deliver(event, is_last=True)
    assert pipeline.item(event)["status"] == Status.FAILED
    assert pipeline.deliver(event, message_id="message-2").outcome is Outcome.PROCESSED
