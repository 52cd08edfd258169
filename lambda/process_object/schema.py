"""What the columns of tabular data and the fields of records hold."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from types import NoneType
from typing import Any

MAX_COLUMNS = 1000
"""How many columns a table may have, and how many fields of records are followed."""

_NULL = "null"
_STRING = "string"
_MIXED = "mixed"
_MAX_NAME_CHARACTERS = 128
_DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?"
# A number with leading zeros is an identifier: reading it as a number would lose them.
_INTEGER = r"[+-]?(?:0|[1-9]\d*)"
_TEXT_TYPES = {
    "boolean": re.compile(r"true|false", re.ASCII | re.IGNORECASE),
    "integer": re.compile(_INTEGER, re.ASCII),
    "number": re.compile(rf"{_INTEGER}(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII),
    "date": re.compile(_DATE, re.ASCII),
    "timestamp": re.compile(rf"{_DATE}(?:[T ]{_TIME})?", re.ASCII),
}
_WIDER = {"integer": "number", "date": "timestamp"}
_JSON_TYPES: dict[type, str] = {
    bool: "boolean",
    dict: "object",
    float: "number",
    int: "integer",
    list: "array",
    str: _STRING,
}


@dataclass(frozen=True)
class Column:
    """A column of a table, or a field of records.

    ``type`` is ``boolean``, ``integer``, ``number``, ``date``, ``timestamp``, ``string``, ``object``, ``array``,
    ``mixed``, or ``null`` if there is no value at all; ``nulls`` counts empty, null and absent values.
    """

    name: str
    type: str
    nulls: int


@dataclass(frozen=True)
class Schema:
    """The columns in their order; ``complete`` is false if there are more than are listed."""

    columns: tuple[Column, ...] = ()
    complete: bool = True

    def as_detail(self, *, max_bytes: int) -> dict[str, Any]:
        """The schema as plain data whose JSON has at most ``max_bytes`` bytes, columns left off at the end."""
        kept: list[dict[str, Any]] = []
        size = len('{"columns": [], "complete": false}')
        for column in self.columns:
            entry = asdict(column)
            size += len(json.dumps(entry)) + len(", ")
            if size > max_bytes:
                break
            kept.append(entry)
        return {"columns": kept, "complete": self.complete and len(kept) == len(self.columns)}


class TextColumn:
    """Infers the type of a column of texts, of which the empty ones are nulls."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._type = _NULL
        self._nulls = 0

    def add(self, values: Sequence[str]) -> None:
        """Take the next values into account."""
        empty = values.count("")
        self._nulls += empty
        if self._type == _STRING or empty == len(values):
            return
        present = [value for value in values if value] if empty else values
        if self._type == _NULL:
            self._type = next((name for name in _TEXT_TYPES if _all_match(name, present)), _STRING)
        while self._type != _STRING and not _all_match(self._type, present):
            self._type = _WIDER.get(self._type, _STRING)

    def column(self) -> Column:
        """What is known by now."""
        return Column(self._name, self._type, self._nulls)


class RecordFields:
    """Infers the types of the fields of records, following the first :data:`MAX_COLUMNS` of them.

    A field whose name has more than 128 characters is not followed: names are kept in memory.
    """

    def __init__(self) -> None:
        self._records = 0
        self._seen: Counter[tuple[str, type]] = Counter()
        self._followed: dict[str, None] = {}
        self._complete = True

    def add(self, records: Sequence[dict[str, Any]]) -> None:
        """Take the next records into account."""
        self._records += len(records)
        followed = self._followed.keys()
        parts = (record if followed >= record.keys() else self._followed_part(record) for record in records)
        self._seen.update(itertools.chain.from_iterable(map(_typed, parts)))

    def schema(self) -> Schema:
        """What is known by now, in the order in which the fields were first seen."""
        types: dict[str, Counter[type]] = {name: Counter() for name in self._followed}
        for (name, type_), count in self._seen.items():
            types[name][type_] = count
        return Schema(tuple(self._column(name, counts) for name, counts in types.items()), self._complete)

    def _followed_part(self, record: dict[str, Any]) -> dict[str, Any]:
        part: dict[str, Any] = {}
        for name, value in record.items():
            if name not in self._followed:
                if len(self._followed) == MAX_COLUMNS or len(name) > _MAX_NAME_CHARACTERS:
                    self._complete = False
                    continue
                self._followed[name] = None
            part[name] = value
        return part

    def _column(self, name: str, counts: Counter[type]) -> Column:
        nulls = self._records - sum(count for type_, count in counts.items() if type_ is not NoneType)
        names = {_JSON_TYPES[type_] for type_ in counts if type_ is not NoneType}
        # A lone surrogate, which JSON can escape, is no character that any other service accepts.
        return Column(name.encode("utf-8", "replace").decode(), _one_type(names), nulls)


def _typed(record: dict[str, Any]) -> Iterable[tuple[str, type]]:
    return zip(record, map(type, record.values()), strict=True)


def _one_type(names: set[str]) -> str:
    if not names:
        return _NULL
    if names == {"integer", "number"}:
        return "number"
    return names.pop() if len(names) == 1 else _MIXED


def _all_match(type_: str, values: Sequence[str]) -> bool:
    return all(map(_TEXT_TYPES[type_].fullmatch, values))
