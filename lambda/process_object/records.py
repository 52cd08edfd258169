"""JSON: an array of objects, one object, or an object on each line; every record becomes one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from process_object.limits import MAX_RECORD_CHARACTERS
from process_object.refusal import Reason, RefusedError
from process_object.schema import RecordFields, Schema

_BLOCK_CHARACTERS = 64 * 1024
# No control character stands in a JSON document as itself, so that none can be mistaken for this one.
_RECORD_END = "\x1e"
_SPACE = re.compile(r"[ \t\n]+")
_TO_NEXT_IN_ARRAY = re.compile(r"[ \t\n]*+,[ \t\n]*+(?=\{)")
_TO_NEXT_ON_LINE = re.compile(r"[ \t]*+\n[ \t\n]*+(?=\{)")
_TOKEN = re.compile(r'[^" \t\n]++|"(?:[^"\\]++|\\.)*+"')
_Record = tuple[dict[str, Any], str]

_UNFINISHED_LITERALS = {word[:length] for word in ("true", "false", "null", "-") for length in range(len(word) + 1)}
_UNFINISHED_NUMBER = re.compile(r"\.|[eE][+-]?")
_UNFINISHED_ESCAPE = re.compile(r"[\\u]*[0-9A-Fa-f]{0,4}")
# Longer than any literal or escape sequence: an error so close to the buffer's end may be one cut in two.
_CUT_CHARACTERS = 16
_KINDS = {"[": "an array", '"': "a text", "t": "a truth value", "f": "a truth value", "n": "null", "-": "a number"}


class Records:
    """The records of a JSON document, read once by :meth:`normalised`; afterwards ``rows`` and ``schema`` are known."""

    def __init__(self) -> None:
        self.rows = 0
        self.schema = Schema()
        self.is_empty = True

    def normalised(self, pieces: Iterable[str]) -> Iterator[str]:
        """The records as lines of JSON, as they were written but for the white space between tokens.

        Raises :class:`RefusedError` for what RFC 8259 does not allow, for a record that is not an object, is longer
        than 1,048,576 characters or nested too deeply to be read, and for a document that ends too early.
        """
        fields = RecordFields()
        reader = _RecordReader(pieces)
        for records, texts in _blocks(reader):
            fields.add(records)
            self.rows += len(records)
            yield _compact(_RECORD_END.join(texts)).replace(_RECORD_END, "\n") + "\n"
        self.is_empty = reader.is_empty
        self.schema = fields.schema()


def _blocks(reader: Iterable[_Record]) -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
    """The records and their texts, as many at a time as make the calls for each of them cheap."""
    records: list[dict[str, Any]] = []
    texts: list[str] = []
    characters = 0
    for record, text in reader:
        records.append(record)
        texts.append(text)
        characters += len(text)
        if characters > _BLOCK_CHARACTERS:
            yield records, texts
            records, texts, characters = [], [], 0
    if records:
        yield records, texts


class _RecordReader:
    """Finds one record after the other in a buffer that holds little more than the current one."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self.is_empty = False
        self._pieces = iter(pieces)
        self._buffer = ""
        self._position = 0
        self._lines_before = 0
        self._records = 0
        self._exhausted = False
        self._decode = json.JSONDecoder(parse_constant=self._refuse_constant).raw_decode

    def __iter__(self) -> Iterator[_Record]:
        self._skip_space()
        first = self._next_character()
        if not first:
            self.is_empty = True
        elif first == "[":
            self._position += 1
            yield from self._array()
        else:
            yield from self._lines()

    def _array(self) -> Iterator[_Record]:
        self._skip_space()
        if self._next_character() != "]":
            while True:
                yield self._record()
                if self._jump(_TO_NEXT_IN_ARRAY):
                    continue
                self._skip_space()
                separator = self._next_character()
                if separator == "]":
                    break
                if separator != ",":
                    self._refuse_between("a comma or the end of the array is expected")
                self._position += 1
                self._skip_space()
        self._position += 1
        self._skip_space()
        if self._next_character():
            self._refuse_between("the array is closed and nothing may follow")

    def _lines(self) -> Iterator[_Record]:
        while True:
            yield self._record()
            if self._jump(_TO_NEXT_ON_LINE):
                continue
            on_new_line = self._skip_space()
            if not self._next_character():
                return
            if not on_new_line:
                self._refuse_between("a new line is expected")

    def _record(self) -> _Record:
        self._records += 1
        first = self._next_character()
        if first != "{":
            self._refuse_other_than_object(first)
        while True:
            start = self._position
            try:
                value, end = self._decode(self._buffer, start)
            except json.JSONDecodeError as error:
                if self._exhausted or not self._may_be_cut(error):
                    self._refuse_record(error)
            except RecursionError:
                self._refuse(Reason.NESTED_TOO_DEEPLY, f"record {self._records} is nested too deeply")
            except ValueError:
                # Python's own limit, sys.get_int_max_str_digits(): the conversion takes quadratic time.
                self._refuse(Reason.NUMBER_TOO_LONG, f"record {self._records} has an integer of too many digits")
            else:
                self._check_size(end - start)
                self._position = end
                return value, self._buffer[start:end]
            self._check_size(len(self._buffer) - start)
            self._fill()

    def _fill(self) -> None:
        """Forget what has been read and take the next piece in, or note that there is none."""
        self._lines_before += self._buffer.count("\n", 0, self._position)
        piece = next(self._pieces, "")
        self._exhausted = not piece
        self._buffer = self._buffer[self._position :] + piece
        self._position = 0

    def _next_character(self) -> str:
        """The character to be read next, nothing at the end of the document."""
        while self._position == len(self._buffer) and not self._exhausted:
            self._fill()
        return self._buffer[self._position : self._position + 1]

    def _jump(self, way: re.Pattern[str]) -> bool:
        """Go to the next record if nothing unusual lies between, which is what nearly always happens."""
        match = way.match(self._buffer, self._position)
        if match:
            self._position = match.end()
        return match is not None

    def _skip_space(self) -> bool:
        """Move on to what is no white space; tell whether a line ended on the way."""
        line_ended = False
        while self._next_character() in (" ", "\t", "\n"):
            space = _SPACE.match(self._buffer, self._position)
            assert space  # noqa: S101 - it matches at least what was just seen: narrows the type
            line_ended = line_ended or "\n" in space[0]
            self._position = space.end()
        return line_ended

    def _line(self, position: int | None = None) -> int:
        end = self._position if position is None else position
        return self._lines_before + self._buffer.count("\n", 0, end) + 1

    def _check_size(self, characters: int) -> None:
        if characters > MAX_RECORD_CHARACTERS:
            self._refuse(
                Reason.RECORD_TOO_LARGE,
                f"record {self._records} has more than {MAX_RECORD_CHARACTERS} characters",
            )

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - _CUT_CHARACTERS

    def _refuse_record(self, error: json.JSONDecodeError) -> NoReturn:
        rest = self._buffer[error.pos :].strip()
        truncated = (
            error.msg.startswith("Unterminated string")
            or rest in _UNFINISHED_LITERALS
            or _UNFINISHED_NUMBER.fullmatch(rest)
            or (error.msg.startswith("Invalid \\u") and _UNFINISHED_ESCAPE.fullmatch(rest))
        )
        if truncated:
            self._refuse(
                Reason.TRUNCATED_JSON, f"the document ends in the middle of record {self._records}", len(self._buffer)
            )
        self._refuse(Reason.INVALID_JSON, f"record {self._records} is not JSON: {error.msg}", error.pos)

    def _refuse_other_than_object(self, first: str) -> NoReturn:
        if not first:
            self._refuse(Reason.TRUNCATED_JSON, f"the document ends where record {self._records} is expected")
        kind = "a number" if first.isdecimal() else _KINDS.get(first)
        if kind is None:
            self._refuse(Reason.INVALID_JSON, f"record {self._records} begins with {first!r}")
        self._refuse(Reason.RECORD_NOT_AN_OBJECT, f"record {self._records} is {kind}, not an object")

    def _refuse_constant(self, name: str) -> NoReturn:
        self._refuse(Reason.INVALID_JSON, f"record {self._records} contains {name}, which JSON does not know")

    def _refuse_between(self, rule: str) -> NoReturn:
        if self._next_character():
            self._refuse(Reason.INVALID_JSON, f"after record {self._records} {rule}")
        self._refuse(Reason.TRUNCATED_JSON, f"the document ends after record {self._records}, but {rule}")

    def _refuse(self, reason: Reason, message: str, position: int | None = None) -> NoReturn:
        line = self._line(position)
        raise RefusedError(reason, f"line {line}: {message}", line=line) from None


def _compact(text: str) -> str:
    """``text`` without the white space outside of strings; its numbers and escapes stay as they are written.

    Encoding the decoded record again would cost more and lose digits.
    """
    if "\\" in text:
        return "".join(_TOKEN.findall(text))
    # Without escapes, every second part between quotes is a string; NUL never occurs in the text.
    parts = text.split('"')
    outside = "\0".join(parts[::2])
    parts[::2] = outside.replace(" ", "").replace("\t", "").replace("\n", "").split("\0")
    return '"'.join(parts)
