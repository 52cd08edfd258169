"""CSV: delimiter recognised, quotes and rows checked, every row a JSON line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring

from process_object.limits import MAX_RECORD_CHARACTERS
from process_object.refusal import Reason, RefusedError
from process_object.schema import MAX_COLUMNS, Schema, TextColumn

_DELIMITERS = ",;\t|"
_SAMPLE_ROWS = 50
_BATCH_ROWS = 500
_BATCH_CHARACTERS = 256 * 1024
_MAX_NAME_CHARACTERS = 64


class Table:
    """A table with a header row, read once by :meth:`normalised`; afterwards ``rows`` and ``schema`` are known."""

    def __init__(self, head: str) -> None:
        self.rows = 0
        self.schema = Schema()
        self.is_empty = True
        self._delimiter = delimiter_of(head)
        self._characters = 0

    def normalised(self, pieces: Iterable[str]) -> Iterator[str]:
        """The rows as lines of JSON: an object of texts by snake-case column names, an empty cell as null.

        Raises :class:`RefusedError` for quotes that do not match, a row with more or fewer cells than the header,
        a row of more than 1,048,576 characters, or more than 1,000 columns.
        """
        rows = self._checked_rows(pieces)
        names = next(rows, None)
        if names is None:
            return
        self.is_empty = False
        header = column_names(names)
        inference = [TextColumn(name) for name in header]
        # One %-template for a whole row: each cell is encoded by C code, and no dictionary is built.
        template = "{" + ",".join(f"{_quoted(name)}:%s" for name in header) + "}\n"
        for batch in self._batches(rows):
            columns = list(zip(*batch, strict=True))
            for column, values in zip(inference, columns, strict=True):
                column.add(values)
            cells = zip(*map(_encoded, columns), strict=True)
            yield "".join(map(template.__mod__, cells))
            self.rows += len(batch)
        self.schema = Schema(tuple(column.column() for column in inference))

    def _checked_rows(self, pieces: Iterable[str]) -> Iterator[list[str]]:
        # The limit on a row is checked before any limit on a cell can be.
        csv.field_size_limit(2 * MAX_RECORD_CHARACTERS)
        reader = csv.reader(self._lines(pieces), delimiter=self._delimiter, strict=True)
        line = 1
        width = 0
        try:
            for row in reader:
                if row:
                    width = width or _checked_width(row, line)
                    if len(row) != width:
                        raise RefusedError(
                            Reason.RAGGED_ROW,
                            f"the row in line {line} has {len(row)} cells, the header has {width}",
                            line=line,
                        )
                    yield row
                line = reader.line_num + 1
                self._characters = 0
        except csv.Error as error:
            raise RefusedError(
                Reason.UNBALANCED_QUOTES,
                f"the quotes of the row that begins in line {line} do not match ({error})",
                line=line,
            ) from None

    def _lines(self, pieces: Iterable[str]) -> Iterator[str]:
        """Whole lines with their line feeds, while the row they belong to keeps to the limit."""
        for number, line in enumerate(_split_lines(pieces), start=1):
            self._characters += len(line)
            if self._characters > MAX_RECORD_CHARACTERS:
                raise RefusedError(
                    Reason.RECORD_TOO_LARGE,
                    f"the row that goes on in line {number} has more than {MAX_RECORD_CHARACTERS} characters; "
                    "is a closing quote missing?",
                    line=number,
                )
            yield line

    def _batches(self, rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
        batch: list[list[str]] = []
        characters = 0
        for row in rows:
            batch.append(row)
            characters += self._characters
            if len(batch) == _BATCH_ROWS or characters > _BATCH_CHARACTERS:
                yield batch
                batch = []
                characters = 0
        if batch:
            yield batch


def delimiter_of(head: str) -> str:
    """The delimiter under which the first rows of ``head`` have the same number of cells, and the most of them.

    If none does, the one that cuts the first row into the most cells; a table of one column gets a comma.
    """
    # The last line may be cut off; if it is the only one, it is all there is to judge by.
    complete = head[: head.rfind("\n") + 1] or head
    best = (False, 1)
    winner = _DELIMITERS[0]
    for delimiter in _DELIMITERS:
        widths = _widths(complete, delimiter)
        verdict = (len(set(widths)) == 1 and widths[0] > 1, widths[0] if widths else 1)
        if verdict > best:
            best, winner = verdict, delimiter
    return winner


def looks_tabular(head: str) -> bool:
    """Whether at least three rows of ``head`` fall into the same number of cells, two or more."""
    complete = head[: head.rfind("\n") + 1] or head
    widths = _widths(complete, delimiter_of(head))
    return len(widths) > 2 and len(set(widths)) == 1 and widths[0] > 1


def column_names(cells: Iterable[str]) -> list[str]:
    """Names in snake case, unique, with ``column_3`` for the third if it has none."""
    names: list[str] = []
    taken: set[str] = set()
    for position, cell in enumerate(cells, start=1):
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cell)
        stem = re.sub(r"[\W_]+", "_", words.lower()).strip("_")[:_MAX_NAME_CHARACTERS] or f"column_{position}"
        name = stem
        repetition = 2
        while name in taken:
            name = f"{stem}_{repetition}"
            repetition += 1
        taken.add(name)
        names.append(name)
    return names


def _checked_width(header: list[str], line: int) -> int:
    if len(header) > MAX_COLUMNS:
        raise RefusedError(
            Reason.TOO_MANY_COLUMNS, f"the header has {len(header)} columns, at most {MAX_COLUMNS} are read", line=line
        )
    return len(header)


def _widths(text: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True):
            if row:
                widths.append(len(row))
            if len(widths) == _SAMPLE_ROWS:
                break
    except csv.Error:
        # A quoted cell may go on behind the sample; a real mistake is found, and placed, by reading the table.
        return widths
    return widths


def _split_lines(pieces: Iterable[str]) -> Iterator[str]:
    rest = ""
    for piece in pieces:
        text = rest + piece
        end = text.rfind("\n") + 1
        yield from io.StringIO(text[:end])
        rest = text[end:]
        if len(rest) > MAX_RECORD_CHARACTERS:
            break
    if rest:
        yield rest


def _quoted(name: str) -> str:
    return encode_basestring(name).replace("%", "%%")


def _encoded(values: tuple[str, ...]) -> list[str]:
    return ["null" if text == '""' else text for text in map(encode_basestring, values)]
