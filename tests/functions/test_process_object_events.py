"""The events the function takes in, by AWS's own documented samples, and what it makes of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from process_object.entry import Claim, Entry, Status, Verdict, judge
from process_object.notice import MalformedEventError, Notice

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
DOCUMENTED = (Path(__file__).parent / "events" / "s3_object_created.json").read_text()
SOURCE = "acme.test.pipeline"
NOW = 1_000.0


def changed(path: str, value: Any) -> str:
    """The documented event with another value, or without the part if the value is None."""
    event = json.loads(DOCUMENTED)
    *parents, name = path.split("/")
    part = event
    for parent in parents:
        part = part[parent]
    if value is None:
        del part[name]
    else:
        part[name] = value
    return json.dumps(event)


def test_the_documented_event_of_s3_is_understood() -> None:
    assert Notice.parse(DOCUMENTED, own_source=SOURCE) == Notice(
        event_id="17793124-05d4-b198-2fde-7ededc63b103",
        is_redrive=False,
        bucket="amzn-s3-demo-bucket1",
        key="example-key",
        version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
        sequencer="617f08299329d189",
        object=json.loads(DOCUMENTED)["detail"]["object"],
    )


@pytest.mark.parametrize("key", ["red+flower.jpg", "100%25.csv", "a b.csv", "größe.csv"])
def test_a_key_is_taken_literally(key: str) -> None:
    assert Notice.parse(changed("detail/object/key", key), own_source=SOURCE).key == key


@pytest.mark.parametrize("detail_type", ["Object Rejected", "Object Failed"])
def test_an_event_of_its_own_about_a_failure_is_a_redrive(detail_type: str) -> None:
    event = json.loads(DOCUMENTED) | {"source": SOURCE, "detail-type": detail_type}
    assert Notice.parse(json.dumps(event), own_source=SOURCE).is_redrive


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no text 'source'"),
        ("null", "no text 'source'"),
        (changed("source", "somebody.else"), "nothing to process"),
        (changed("detail-type", "Object Deleted"), "nothing to process"),
        (changed("source", SOURCE), "nothing to process"),
        (changed("id", None), "no text 'id'"),
        (changed("detail", []), "no object 'detail'"),
        (changed("detail/bucket", None), "no object 'bucket'"),
        (changed("detail/bucket/name", 5), "no text 'name'"),
        (changed("detail/object", None), "no object 'object'"),
        (changed("detail/object/key", ""), "no text 'key'"),
        (changed("detail/object/version-id", 5), "no text 'version-id'"),
        (changed("detail/object/sequencer", None), "no text 'sequencer'"),
        (changed("detail/object/sequencer", "later"), "'later' is not a hexadecimal number"),
    ],
)
def test_an_event_that_is_none_of_these_is_malformed_and_says_why(body: str, message: str) -> None:
    with pytest.raises(MalformedEventError, match=message):
        Notice.parse(body, own_source=SOURCE)


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_no_message_crashes_the_parser(body: str) -> None:
    with pytest.raises(MalformedEventError):
        Notice.parse(body, own_source=SOURCE)


def entry(status: Status, *, notified: bool = True, live: bool = False, correlation_id: str = "first") -> Entry:
    return Entry(
        object="raw/a.csv",
        version="1",
        status=status,
        sequencer="1",
        region="eu-west-1",
        correlation_id=correlation_id,
        processed_at="2026-01-01T00:00:00.000+00:00",
        claim=Claim("claim", "holder", int(NOW) + 1 if live else int(NOW)),
        notified=notified,
    )


def notice(*, is_redrive: bool = False, event_id: str = "first") -> Notice:
    return Notice(event_id, is_redrive, "raw", "a.csv", "1", "1", {})


REDRIVEN = notice(is_redrive=True, event_id="second")


@pytest.mark.parametrize(
    ("known", "event", "message_id", "verdict"),
    [
        (None, notice(), "any", Verdict.PROCESS),
        (entry(Status.PROCESSING, notified=False, live=True), notice(), "holder", Verdict.WAIT),
        (entry(Status.PROCESSING, notified=False, live=True), notice(), "other", Verdict.IGNORE),
        (entry(Status.PROCESSING, notified=False, live=True), REDRIVEN, "other", Verdict.WAIT),
        (entry(Status.PROCESSING, notified=False), notice(), "other", Verdict.PROCESS),
        (entry(Status.PROCESSED), notice(), "any", Verdict.IGNORE),
        (entry(Status.PROCESSED), REDRIVEN, "any", Verdict.IGNORE),
        (entry(Status.PROCESSED, notified=False), notice(), "any", Verdict.NOTIFY),
        (entry(Status.PROCESSED, notified=False, live=True), notice(), "other", Verdict.IGNORE),
        (entry(Status.REJECTED), notice(), "any", Verdict.IGNORE),
        (entry(Status.REJECTED), notice(event_id="second"), "any", Verdict.IGNORE),
        (entry(Status.REJECTED), REDRIVEN, "any", Verdict.PROCESS),
        (entry(Status.REJECTED, correlation_id="second"), REDRIVEN, "any", Verdict.IGNORE),
        (entry(Status.REJECTED, correlation_id="second", notified=False), REDRIVEN, "any", Verdict.NOTIFY),
        (entry(Status.REJECTED, notified=False), notice(), "any", Verdict.NOTIFY),
        (entry(Status.FAILED), notice(), "any", Verdict.PROCESS),
        (entry(Status.FAILED), REDRIVEN, "any", Verdict.PROCESS),
    ],
)
def test_what_an_event_asks_for_follows_from_what_is_known(
    known: Entry | None, event: Notice, message_id: str, verdict: Verdict
) -> None:
    assert judge(known, event, message_id=message_id, now=NOW) is verdict


@pytest.mark.parametrize("summary", [None, {"kind": "csv", "rows": 2, "schema": {"columns": []}}])
def test_an_entry_survives_its_item(summary: dict[str, Any] | None) -> None:
    original = Entry(
        **{**vars(entry(Status.PROCESSED)), "summary": summary, "output": {"data": "x"} if summary else None}
    )
    assert Entry.from_item(original.as_item()) == original
