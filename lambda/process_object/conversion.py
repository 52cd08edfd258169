"""From an object's bytes to its normalised data and its summary."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from process_object.decoding import Fingerprint, text_of
from process_object.plain_text import Lines
from process_object.records import Records
from process_object.refusal import Reason, RefusedError
from process_object.schema import Schema
from process_object.tabular import Table, looks_tabular

_HEAD_CHARACTERS = 64 * 1024


class Kind(StrEnum):
    """What an object holds."""

    CSV = "csv"
    JSON = "json"
    TEXT = "text"
    EMPTY = "empty"


_KINDS_BY_EXTENSION = {
    "csv": Kind.CSV,
    "tsv": Kind.CSV,
    "json": Kind.JSON,
    "jsonl": Kind.JSON,
    "ndjson": Kind.JSON,
    "txt": Kind.TEXT,
    "text": Kind.TEXT,
    "md": Kind.TEXT,
    "log": Kind.TEXT,
}


@dataclass(frozen=True)
class Summary:
    """What is known about an accepted object.

    ``size`` (bytes) and ``sha256`` (hexadecimal) are those of the object as it was put; ``rows`` counts the rows of
    a table or the records of a document, ``lines`` and ``words`` are a text's.
    """

    kind: Kind
    size: int
    sha256: str
    rows: int | None
    schema: Schema
    lines: int | None = None
    words: int | None = None

    def as_detail(self, *, max_schema_bytes: int) -> dict[str, Any]:
        """The summary as plain data; of a schema too large for ``max_schema_bytes`` the last columns are left off."""
        detail = {
            "kind": self.kind.value,
            "size": self.size,
            "sha256": self.sha256,
            "rows": self.rows,
            "lines": self.lines,
            "words": self.words,
            "schema": self.schema.as_detail(max_bytes=max_schema_bytes),
        }
        return {name: value for name, value in detail.items() if value is not None}


class Conversion:
    """One pass over an object: take all of :meth:`blocks`, then ask for the :attr:`summary`.

    The kind follows from the key's extension, and from the content if the extension says nothing. Reading raises
    :class:`RefusedError` for content that is not acceptable.
    """

    def __init__(self, key: str, chunks: Iterable[bytes]) -> None:
        self._fingerprint = Fingerprint(chunks)
        self._pieces = text_of(self._fingerprint)
        named = _KINDS_BY_EXTENSION.get(key.rpartition("/")[2].rpartition(".")[2].lower())
        head = self._head(sniffing=named is None)
        self._kind = named or _sniffed(head)
        self._is_empty = not head
        self._format: Table | Records | Lines
        if self._kind is Kind.CSV:
            self._format = Table(head)
        elif self._kind is Kind.JSON:
            self._format = Records()
        else:
            self._format = Lines()

    @property
    def extension(self) -> str:
        """Of the normalised data: ``jsonl`` for tables and records, ``txt`` for text."""
        return "txt" if self._kind is Kind.TEXT else "jsonl"

    @property
    def content_type(self) -> str:
        """Of the normalised data."""
        return "text/plain; charset=utf-8" if self._kind is Kind.TEXT else "application/jsonl"

    def blocks(self) -> Iterator[bytes]:
        """The normalised data, to be taken once and whole."""
        for block in self._format.normalised(self._pieces):
            yield block.encode()

    @property
    def summary(self) -> Summary:
        """What was learnt on the way; right only when all blocks have been taken."""
        size, sha256 = self._fingerprint.size, self._fingerprint.sha256
        if isinstance(self._format, Lines):
            if self._is_empty:
                return Summary(Kind.EMPTY, size, sha256, 0, Schema())
            return Summary(Kind.TEXT, size, sha256, None, Schema(), self._format.lines, self._format.words)
        kind = Kind.EMPTY if self._format.is_empty else self._kind
        return Summary(kind, size, sha256, self._format.rows, self._format.schema)

    def _head(self, *, sniffing: bool) -> str:
        """The beginning of the text, which stays to be read."""
        taken: list[str] = []
        try:
            while sum(map(len, taken)) < _HEAD_CHARACTERS and (piece := next(self._pieces, "")):
                taken.append(piece)
        except RefusedError as error:
            if not sniffing:
                raise
            refusal = error.refusal
            raise RefusedError(
                Reason.UNSUPPORTED_KIND,
                f"neither CSV nor JSON nor text: {refusal.message}",
                line=refusal.line,
                offset=refusal.offset,
            ) from None
        self._pieces = itertools.chain(taken, self._pieces)
        return "".join(taken)[:_HEAD_CHARACTERS]


def _sniffed(head: str) -> Kind:
    if head.lstrip().startswith(("{", "[")):
        return Kind.JSON
    return Kind.CSV if looks_tabular(head) else Kind.TEXT
