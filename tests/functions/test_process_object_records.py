"""JSON in its three shapes becomes lines; what is not JSON is refused with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process_object.limits import MAX_RECORD_CHARACTERS
from process_object.records import Records
from process_object.refusal import Reason, Refusal, RefusedError

from tests.functions.inputs import RECORDS, chunked


def lines_of(text: str, pieces: list[str] | None = None) -> tuple[Records, list[str]]:
    records = Records()
    lines = "".join(records.normalised(pieces if pieces is not None else [text])).split("\n")[:-1]
    return records, lines


def refusal_of(text: str) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        lines_of(text)
    return caught.value.refusal


@settings(max_examples=60)
@given(RECORDS, st.sampled_from([None, 1, "\t"]), st.booleans(), st.data())
def test_an_array_is_read_back_record_by_record(
    records: list[dict[str, Any]], indent: Any, ascii_: bool, data: st.DataObject
) -> None:
    text = json.dumps(records, indent=indent, ensure_ascii=ascii_)
    reader, lines = lines_of(text, data.draw(chunked(text)))
    assert [json.loads(line) for line in lines] == records
    assert lines == [json.dumps(record, separators=(",", ":"), ensure_ascii=ascii_) for record in records]
    assert reader.rows == len(records)


@settings(max_examples=60)
@given(RECORDS, st.sampled_from(["\n", "\n\n", " \n\t"]), st.data())
def test_lines_are_read_back_record_by_record(
    records: list[dict[str, Any]], separator: str, data: st.DataObject
) -> None:
    text = separator.join(map(json.dumps, records)) + "\n"
    reader, lines = lines_of(text, data.draw(chunked(text)))
    assert [json.loads(line) for line in lines] == records
    assert reader.is_empty == (not records)


def test_one_object_over_several_lines_is_one_record() -> None:
    assert lines_of('{\n  "a": [1,\n 2]\n}\n')[1] == ['{"a":[1,2]}']


def test_numbers_and_escapes_stay_as_they_are_written() -> None:
    record = r'{"big":123456789012345678901234567890.10,"tiny":1E-400,"text":"\u00e9 \" \ud83d \\"}'
    assert lines_of(f"[ {record} ]")[1] == [record]


def test_white_space_in_texts_stays() -> None:
    assert lines_of('[{"a b" : "  c : d ,  e "}]')[1] == ['{"a b":"  c : d ,  e "}']


@settings(max_examples=60)
@given(RECORDS.filter(bool), st.data())
def test_an_array_that_breaks_off_is_truncated_wherever_it_does(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    text = json.dumps(records)
    end = data.draw(st.integers(1, len(text) - 1))
    assert refusal_of(text[:end]).reason is Reason.TRUNCATED_JSON


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ('[\n{"a": 1},\n{"a": x}]', Reason.INVALID_JSON, 3),
        ('[{"a": 1}\n{"a": 2}]', Reason.INVALID_JSON, 2),
        ('[{"a": 1},]', Reason.INVALID_JSON, 1),
        ('[{"a": 1}]\nx', Reason.INVALID_JSON, 2),
        ('{"a": 1} {"a": 2}', Reason.INVALID_JSON, 1),
        ('{"a": 1},\n{"a": 2}', Reason.INVALID_JSON, 1),
        ('{"a": 01}', Reason.INVALID_JSON, 1),
        ("{'a': 1}", Reason.INVALID_JSON, 1),
        ('{"a": NaN}', Reason.INVALID_JSON, 1),
        ('\n{"a": -Infinity}', Reason.INVALID_JSON, 2),
        ('{"a": "tab\t"}', Reason.INVALID_JSON, 1),
        ("hello", Reason.INVALID_JSON, 1),
        ("[1, 2]", Reason.RECORD_NOT_AN_OBJECT, 1),
        ('{"a": 1}\n[1]', Reason.RECORD_NOT_AN_OBJECT, 2),
        ("42", Reason.RECORD_NOT_AN_OBJECT, 1),
        ('"text"', Reason.RECORD_NOT_AN_OBJECT, 1),
        ("null", Reason.RECORD_NOT_AN_OBJECT, 1),
        ('[{"a": 1},\n', Reason.TRUNCATED_JSON, 2),
        ('[{"a": 1}\n', Reason.TRUNCATED_JSON, 2),
        ('{"a": "b', Reason.TRUNCATED_JSON, 1),
        ('{"a": ' + "[" * 100_000, Reason.NESTED_TOO_DEEPLY, 1),
        ('\n{"a": ' + "9" * 5000 + "}", Reason.NUMBER_TOO_LONG, 2),
    ],
)
@pytest.mark.parametrize("size", [7, 10**9])
def test_what_is_not_json_is_refused_with_its_line(text: str, reason: Reason, line: int, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    with pytest.raises(RefusedError) as caught:
        lines_of(text, pieces)
    refusal = caught.value.refusal
    assert (refusal.reason, refusal.line) == (reason, line)
    assert f"line {line}" in refusal.message


def test_a_record_may_be_as_long_as_the_limit_and_no_longer() -> None:
    frame = len('{"a":""}')
    longest = '{"a":"' + "x" * (MAX_RECORD_CHARACTERS - frame) + '"}'
    assert lines_of(longest)[1] == [longest]
    too_long = longest.replace("x", "xx", 1)
    for pieces in ([too_long], [too_long[:100], too_long[100:]]):
        with pytest.raises(RefusedError) as caught:
            lines_of(too_long, pieces)
        assert caught.value.refusal.reason is Reason.RECORD_TOO_LARGE


def test_an_endless_record_is_given_up_at_the_limit() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        yield '{"a": "'
        while True:
            taken += 1
            yield "x" * 10_000

    with pytest.raises(RefusedError) as caught:
        list(Records().normalised(endless()))
    assert caught.value.refusal.reason is Reason.RECORD_TOO_LARGE
    assert taken < 2 * MAX_RECORD_CHARACTERS / 10_000


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_white_space_alone_is_an_empty_document(text: str) -> None:
    reader, lines = lines_of(text, [text] if text else [])
    assert (reader.is_empty, lines) == (True, [])


def test_an_empty_array_is_no_empty_document() -> None:
    reader, lines = lines_of(" [ ] ")
    assert (reader.is_empty, reader.rows, lines) == (False, 0, [])
