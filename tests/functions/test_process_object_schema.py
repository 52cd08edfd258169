"""Types are inferred from all values; nulls are counted; memory and documents stay bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process_object.schema import MAX_COLUMNS, Column, RecordFields, Schema, TextColumn

from tests.functions.inputs import RECORDS


def column_of(*values: str) -> Column:
    column = TextColumn("x")
    column.add(values)
    return column.column()


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (["true", "FALSE"], "boolean"),
        (["0", "-12", "+3"], "integer"),
        (["1", "2.5", "1e9"], "number"),
        (["007"], "string"),
        (["12", "007"], "string"),
        (["2026-01-31"], "date"),
        (["2026-02-30T10:00:00Z"], "timestamp"),
        (["2026-01-31", "2026-01-31T10:00:00.5+02:00"], "timestamp"),
        (["2026-13-01"], "string"),
        (["1", "true"], "string"),
        (["1", "2026-01-31"], "string"),
        (["٣"], "string"),
        (["1_000"], "string"),
        ([" 1"], "string"),
        (["", ""], "null"),
    ],
)
def test_the_type_is_the_narrowest_that_fits_all_values(values: list[str], type_: str) -> None:
    assert column_of(*values).type == type_


@given(
    st.lists(st.sampled_from(["", "1", "2.5", "true", "2026-01-31", "2026-01-31T10:00Z", "x"]), max_size=8), st.data()
)
def test_the_type_does_not_depend_on_how_values_are_batched(values: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(values)))
    column = TextColumn("x")
    for batch in (values[:cut], values[cut:]):
        if batch:
            column.add(batch)
    assert column.column() == (column_of(*values) if values else Column("x", "null", 0))


def fields_of(*records: dict[str, Any]) -> dict[str, tuple[str, int]]:
    fields = RecordFields()
    fields.add(records)
    return {column.name: (column.type, column.nulls) for column in fields.schema().columns}


def test_fields_have_one_type_or_are_mixed_and_absent_ones_are_null() -> None:
    assert fields_of(
        {"a": 1, "b": None, "c": "x", "d": 1},
        {"a": 2.5, "b": None, "c": True},
        {"a": None, "e": {}, "f": []},
    ) == {
        "a": ("number", 1),
        "b": ("null", 3),
        "c": ("mixed", 1),
        "d": ("integer", 2),
        "e": ("object", 2),
        "f": ("array", 2),
    }


@settings(max_examples=60)
@given(RECORDS)
def test_every_field_of_every_record_is_accounted_for(records: list[dict[str, Any]]) -> None:
    fields = RecordFields()
    for record in records:
        fields.add([record])
    schema = fields.schema()
    assert schema.complete
    present = {name: sum(record.get(name) is not None for record in records) for record in records for name in record}
    assert sum(column.nulls for column in schema.columns) == len(present) * len(records) - sum(present.values())


def test_only_so_many_fields_are_followed_and_the_schema_says_so() -> None:
    fields = RecordFields()
    fields.add([{f"field {number}": number} for number in range(MAX_COLUMNS)])
    assert fields.schema().complete
    fields.add([{"one more": 1, "field 0": 1}])
    schema = fields.schema()
    assert len(schema.columns) == MAX_COLUMNS
    assert schema.columns[0].nulls == MAX_COLUMNS - 1
    assert not schema.complete


def test_a_name_too_long_to_be_kept_is_not_followed() -> None:
    fields = RecordFields()
    fields.add([{"x" * 129: 1, "y" * 128: 1}])
    schema = fields.schema()
    assert [column.name for column in schema.columns] == ["y" * 128]
    assert not schema.complete


def test_a_name_that_no_encoding_can_write_is_made_writable() -> None:
    assert list(fields_of({"\ud800": 1})) == ["?"]


@given(st.lists(st.text(max_size=30), max_size=30), st.integers(40, 600))
def test_a_schema_as_data_keeps_to_its_size(names: list[str], limit: int) -> None:
    schema = Schema(tuple(Column(name, "string", 0) for name in names))
    detail = schema.as_detail(max_bytes=limit)
    assert len(json.dumps(detail)) <= limit
    assert detail["complete"] == (len(detail["columns"]) == len(names))
    assert [column["name"] for column in detail["columns"]] == names[: len(detail["columns"])]


def test_a_schema_that_fits_is_whole() -> None:
    schema = Schema((Column("a", "string", 1),))
    assert schema.as_detail(max_bytes=1000) == {
        "columns": [{"name": "a", "type": "string", "nulls": 1}],
        "complete": True,
    }
