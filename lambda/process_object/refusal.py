"""Why an object is refused, in a code for programs and a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """The codes; they are part of the interface of events and catalogue."""

    INVALID_JSON = "INVALID_JSON"
    INVALID_UTF8 = "INVALID_UTF8"
    KEY_TOO_LONG = "KEY_TOO_LONG"
    NESTED_TOO_DEEPLY = "NESTED_TOO_DEEPLY"
    NUL_CHARACTER = "NUL_CHARACTER"
    NUMBER_TOO_LONG = "NUMBER_TOO_LONG"
    OUT_OF_TIME = "OUT_OF_TIME"
    PROCESSING_FAILED = "PROCESSING_FAILED"
    RAGGED_ROW = "RAGGED_ROW"
    RECORD_NOT_AN_OBJECT = "RECORD_NOT_AN_OBJECT"
    RECORD_TOO_LARGE = "RECORD_TOO_LARGE"
    TOO_MANY_COLUMNS = "TOO_MANY_COLUMNS"
    TRUNCATED_JSON = "TRUNCATED_JSON"
    UNBALANCED_QUOTES = "UNBALANCED_QUOTES"
    UNSUPPORTED_KIND = "UNSUPPORTED_KIND"


@dataclass(frozen=True)
class Refusal:
    """What is wrong, and where: ``line`` counts from 1, ``offset`` is in bytes from 0."""

    reason: Reason
    message: str
    line: int | None = None
    offset: int | None = None

    def as_detail(self) -> dict[str, Any]:
        """The refusal as events and the catalogue carry it."""
        detail: dict[str, Any] = {"code": self.reason.value, "message": self.message}
        if self.line is not None:
            detail["line"] = self.line
        if self.offset is not None:
            detail["offset"] = self.offset
        return detail


class RefusedError(Exception):
    """The object's content or name is not acceptable; trying again would change nothing."""

    def __init__(self, reason: Reason, message: str, *, line: int | None = None, offset: int | None = None) -> None:
        super().__init__(message)
        self.refusal = Refusal(reason, message, line, offset)
