"""From bytes to text: strict UTF-8 without byte order mark, every line ended by a line feed."""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterable, Iterator

from process_object.refusal import Reason, RefusedError

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Fingerprint:
    """Passes bytes on and remembers how many there were (``size``) and their checksum."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.size += len(chunk)
            self._sha256.update(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        """The checksum of what has passed, in hexadecimal digits."""
        return self._sha256.hexdigest()


def text_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """The text of ``chunks`` in pieces that are never empty.

    Carriage returns, alone or before a line feed, become line feeds; a leading byte order mark is dropped. Raises
    :class:`RefusedError` with the place of the first byte that is not UTF-8, or of a NUL character.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    consumed = 0
    lines = 0
    at_start = True
    for chunk, final in _with_last(chunks):
        pending = len(decoder.getstate()[0])
        try:
            text = newlines.decode(decoder.decode(chunk, final), final)
        except UnicodeDecodeError as error:
            raise _not_utf8(error, lines, newlines, consumed - pending) from None
        consumed += len(chunk)
        if at_start and text:
            at_start = False
            text = text.removeprefix("\ufeff")
        if "\0" in text:
            line = lines + text.count("\n", 0, text.index("\0")) + 1
            raise RefusedError(Reason.NUL_CHARACTER, f"line {line} contains a NUL character", line=line)
        lines += text.count("\n")
        if text:
            yield text


def _with_last(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each chunk, and at the end an empty one marked as the last: only then an open sequence is an error."""
    for chunk in chunks:
        yield chunk, False
    yield b"", True


def _not_utf8(
    error: UnicodeDecodeError, lines: int, newlines: io.IncrementalNewlineDecoder, start_of_object: int
) -> RefusedError:
    offset = start_of_object + error.start
    if offset == 0 and error.object[:2] in _UTF16_MARKS:
        return RefusedError(
            Reason.INVALID_UTF8, "the file is UTF-16, by its byte order mark; save it as UTF-8", line=1, offset=0
        )
    valid = newlines.decode(error.object[: error.start].decode())
    line = lines + valid.count("\n") + 1
    byte = error.object[error.start]
    return RefusedError(
        Reason.INVALID_UTF8,
        f"line {line} is not UTF-8: byte 0x{byte:02x} at offset {offset} ({error.reason})",
        line=line,
        offset=offset,
    )
