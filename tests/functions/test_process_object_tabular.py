"""CSV becomes JSON lines; what does not fit a table is refused with its line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from process_object import tabular
from process_object.limits import MAX_RECORD_CHARACTERS
from process_object.refusal import Reason, Refusal, RefusedError
from process_object.schema import MAX_COLUMNS, Column
from process_object.tabular import Table, column_names, delimiter_of

from tests.functions.inputs import chunked, tables


def read(text: str, pieces: list[str] | None = None) -> tuple[Table, list[dict[str, str | None]]]:
    table = Table(text)
    lines = "".join(table.normalised(pieces or ([text] if text else [])))
    return table, [json.loads(line) for line in lines.split("\n")[:-1]]


def refusal_of(text: str) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        read(text)
    return caught.value.refusal


def test_rows_become_objects_by_snake_case_names_and_empty_cells_null() -> None:
    table, rows = read('Customer Name,"total, EUR"\n"Müller, Ida",12\n\nBo,\n')
    assert rows == [
        {"customer_name": "Müller, Ida", "total_eur": "12"},
        {"customer_name": "Bo", "total_eur": None},
    ]
    assert table.rows == 2
    assert table.schema.columns == (Column("customer_name", "string", 0), Column("total_eur", "integer", 1))


@given(tables(), st.sampled_from(",;\t|"), st.data())
def test_what_a_writer_of_csv_wrote_is_read_back(rows: list[list[str]], delimiter: str, data: st.DataObject) -> None:
    # Nothing divides a single column: it is read as if commas would.
    delimiter = delimiter if len(rows[0]) > 1 else ","
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    text = file.getvalue()
    # The header says which delimiter it is: two plain names, which no other delimiter divides.
    names = [f"name {number}" for number in range(len(rows[0]))]
    text = delimiter.join(names) + "\n" + text
    table = Table(delimiter.join(names) + "\n")
    lines = "".join(table.normalised(data.draw(chunked(text)))).split("\n")[:-1]
    assert [[cell or "" for cell in json.loads(line).values()] for line in lines] == rows
    assert table.rows == len(rows)
    assert [column.nulls for column in table.schema.columns] == [
        sum(not cell for cell in column) for column in zip(*rows, strict=True)
    ]


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("a,b,c\n1,2,3\n", ","),
        ("a;b;c\n1,5;2;3\n", ";"),
        ("a\tb\n1,2\t3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('"x;y",b\n"1;2",3\n', ","),
        ("single\n1\n2\n", ","),
        ("a;b\n1;2;3\n", ";"),
        ("a;b;c\n1;2;3\n4;5,6,7,8", ";"),
        ("no line feed; at all; yet", ";"),
        ("", ","),
    ],
)
def test_the_delimiter_is_the_one_that_makes_the_best_table(head: str, delimiter: str) -> None:
    assert delimiter_of(head) == delimiter


def test_column_names_are_unique_and_never_empty() -> None:
    names = column_names(["Order ID", "orderId", " order-id ", "", "%", "Größe (m²)", "order_id_2", "x" * 100])
    assert names == [
        "order_id",
        "order_id_2",
        "order_id_3",
        "column_4",
        "column_5",
        "größe_m²",
        "order_id_2_2",
        "x" * 64,
    ]


@given(st.lists(st.text(), max_size=20))
def test_any_header_gives_as_many_different_names(cells: list[str]) -> None:
    names = column_names(cells)
    assert len(set(names)) == len(cells)
    assert all(names)


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a,b\n1,2\n1,2,3\n", Reason.RAGGED_ROW, 3),
        ('a,b\n"1\n2",2\n\n1\n', Reason.RAGGED_ROW, 5),
        ('a,b\n1,"2\n3,4\n', Reason.UNBALANCED_QUOTES, 2),
        ('a,b\n1,"2"x\n', Reason.UNBALANCED_QUOTES, 2),
        (",".join("a" * (MAX_COLUMNS + 1)), Reason.TOO_MANY_COLUMNS, 1),
    ],
)
def test_a_table_that_is_none_is_refused_with_the_line_of_the_row(text: str, reason: Reason, line: int) -> None:
    refusal = refusal_of(text)
    assert (refusal.reason, refusal.line) == (reason, line)
    assert str(line) in refusal.message


def test_a_row_may_be_as_long_as_the_limit_and_no_longer() -> None:
    longest = "a\n" + "x" * (MAX_RECORD_CHARACTERS - 1) + "\n"
    assert read(longest)[0].rows == 1
    refusal = refusal_of("a\n" + "x" * MAX_RECORD_CHARACTERS + "\n")
    assert (refusal.reason, refusal.line) == (Reason.RECORD_TOO_LARGE, 2)


def test_a_quote_that_is_never_closed_does_not_swallow_a_large_file() -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        yield 'a,b\n1,"\n'
        while True:
            taken += 1
            yield "3,4\n" * 1000

    with pytest.raises(RefusedError) as caught:
        list(Table("a,b\n").normalised(endless()))
    assert caught.value.refusal.reason is Reason.RECORD_TOO_LARGE
    assert taken < 2 * MAX_RECORD_CHARACTERS / 4000


def test_batches_do_not_show_in_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "id,amount\n" + "".join(f"{number},{number}.5\n" for number in range(100))
    whole = read(text)
    monkeypatch.setattr(tabular, "_BATCH_ROWS", 7)
    monkeypatch.setattr(tabular, "_BATCH_CHARACTERS", 30)
    table, rows = read(text)
    assert (rows, table.rows, table.schema) == (whole[1], whole[0].rows, whole[0].schema)


def test_blank_lines_alone_are_an_empty_table() -> None:
    table, rows = read("\n\n")
    assert (table.is_empty, table.rows, rows) == (True, 0, [])


def test_a_header_without_rows_is_a_table() -> None:
    table, rows = read("a,b\n")
    assert (table.is_empty, rows) == (False, [])
    assert [column.name for column in table.schema.columns] == ["a", "b"]
