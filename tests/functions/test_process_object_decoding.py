"""Bytes become text, or are refused with the place that is wrong."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from process_object.decoding import Fingerprint, text_of
from process_object.refusal import Reason, RefusedError

from tests.functions.inputs import chunked


def refusal_of(content: bytes, cut: int = 3) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        list(text_of(content[at : at + cut] for at in range(0, len(content), cut)))
    return caught.value


@given(st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.data())
def test_text_is_what_a_strict_reader_with_universal_newlines_reads(text: str, data: st.DataObject) -> None:
    read = "".join(text_of(data.draw(chunked(text.encode()))))
    assert read == text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


@given(st.binary(), st.data())
def test_where_text_stops_being_utf8_does_not_depend_on_how_it_arrives(content: bytes, data: st.DataObject) -> None:
    def outcome(chunks: list[bytes]) -> object:
        try:
            return "".join(text_of(chunks))
        except RefusedError as error:
            return error.refusal

    assert outcome(data.draw(chunked(content))) == outcome([content])


@pytest.mark.parametrize("cut", [1, 2, 3, 100])
def test_the_first_byte_that_is_not_utf8_is_named_by_line_and_offset(cut: int) -> None:
    refusal = refusal_of("ä\r\nö\r\nab".encode() + b"\xff\n", cut).refusal
    assert (refusal.reason, refusal.line, refusal.offset) == (Reason.INVALID_UTF8, 3, 10)
    assert "0xff at offset 10" in refusal.message


def test_text_that_ends_within_a_character_is_not_utf8() -> None:
    refusal = refusal_of("aä".encode()[:-1]).refusal
    assert (refusal.reason, refusal.offset) == (Reason.INVALID_UTF8, 1)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_refused_with_advice(encoding: str) -> None:
    refusal = refusal_of("\ufeffname".encode(encoding)).refusal
    assert refusal.reason is Reason.INVALID_UTF8
    assert "save it as UTF-8" in refusal.message


def test_a_nul_character_is_refused_with_its_line() -> None:
    refusal = refusal_of(b"a\nb\0c\n").refusal
    assert (refusal.reason, refusal.line) == (Reason.NUL_CHARACTER, 2)


@given(st.lists(st.binary()))
def test_the_fingerprint_is_that_of_all_bytes(chunks: list[bytes]) -> None:
    fingerprint = Fingerprint(chunks)
    content = b"".join(fingerprint)
    assert content == b"".join(chunks)
    assert (fingerprint.size, fingerprint.sha256) == (len(content), hashlib.sha256(content).hexdigest())
