"""The kind is recognised, the data normalised, the summary true; whatever comes, a reason is named."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from process_object.conversion import Conversion, Kind, Summary
from process_object.refusal import Reason, Refusal, RefusedError

from tests.functions.inputs import PLAIN_CHARACTERS, chunked

SAMPLES = Path(__file__).resolve().parents[2] / "ops" / "samples"
EXTENSIONS = st.sampled_from(["csv", "tsv", "json", "jsonl", "txt", "log", "bin", ""])


def convert(key: str, chunks: list[bytes]) -> tuple[bytes, Summary]:
    conversion = Conversion(key, chunks)
    return b"".join(conversion.blocks()), conversion.summary


def refusal_of(key: str, content: bytes) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        convert(key, [content])
    return caught.value.refusal


CONTENTS = st.one_of(
    st.binary(max_size=80),
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(alphabet='[]{}",:;\\\n\r\t 01eE.-truefalsn\u00e4', max_size=80).map(str.encode),
)


@settings(max_examples=300)
@given(EXTENSIONS, CONTENTS, st.data())
def test_no_content_crashes_and_every_refusal_names_its_reason(
    extension: str, content: bytes, data: st.DataObject
) -> None:
    key = f"some/object.{extension}" if extension else "some.folder/object"
    try:
        normalised, summary = convert(key, data.draw(chunked(content)))
    except RefusedError as error:
        check_refusal(error.refusal)
    else:
        check_result(content, normalised, summary)


def check_refusal(refusal: Refusal) -> None:
    assert isinstance(refusal.reason, Reason)
    assert len(refusal.message) > 10
    assert (refusal.line or 0) > 0


def check_result(content: bytes, normalised: bytes, summary: Summary) -> None:
    assert (summary.size, summary.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    text = normalised.decode()
    assert not text or text.endswith("\n")
    if summary.rows is None:
        assert summary.lines == text.count("\n")
    else:
        assert len([json.loads(line) for line in text.split("\n")[:-1]]) == summary.rows


@given(EXTENSIONS, CONTENTS, st.data())
def test_how_an_object_arrives_does_not_matter(extension: str, content: bytes, data: st.DataObject) -> None:
    def outcome(chunks: list[bytes]) -> object:
        try:
            return convert(f"object.{extension}", chunks)
        except RefusedError as error:
            return error.refusal.reason

    assert outcome(data.draw(chunked(content))) == outcome([content])


@given(st.text(PLAIN_CHARACTERS), st.data())
def test_text_is_counted_like_the_whole_would_be(text: str, data: st.DataObject) -> None:
    normalised, summary = convert("a.txt", data.draw(chunked(text.encode())))
    read = text.removeprefix("\ufeff")
    if read:
        assert normalised.decode() == (read if read.endswith("\n") else read + "\n")
        assert (summary.lines, summary.words) == (normalised.count(b"\n"), len(read.split()))
    else:
        assert summary.kind is Kind.EMPTY


@pytest.mark.parametrize(
    ("key", "content", "kind"),
    [
        ("a.csv", b"a\n1\n", Kind.CSV),
        ("a.CSV", b"{}\n", Kind.CSV),
        ("a.tsv", b"a\tb\n1\t2\n", Kind.CSV),
        ("a.json", b"[]", Kind.JSON),
        ("a.ndjson", b'{"a": 1}\n', Kind.JSON),
        ("a.txt", b"a,b\n1,2\n3,4\n", Kind.TEXT),
        ("a", b' {"a": 1}', Kind.JSON),
        ("a.dat", b'[{"a": 1}]', Kind.JSON),
        ("csv/a", b"a;b\n1;2\n3;4\n", Kind.CSV),
        ("a", b"Dear all,\nnothing new, really, honestly.\nBye\n", Kind.TEXT),
        ("a.csv", b"", Kind.EMPTY),
        ("a.csv", b"\r\n", Kind.EMPTY),
        ("a.json", b"\n", Kind.EMPTY),
        ("a.txt", b"\xef\xbb\xbf", Kind.EMPTY),
        ("a", b"", Kind.EMPTY),
    ],
)
def test_the_kind_follows_from_the_extension_or_else_from_the_content(key: str, content: bytes, kind: Kind) -> None:
    assert convert(key, [content] if content else [])[1].kind is kind


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0", b"PK\x03\x04\0\0", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"])
def test_what_is_neither_csv_nor_json_nor_text_is_of_no_supported_kind(content: bytes) -> None:
    assert refusal_of("scan.dat", content).reason is Reason.UNSUPPORTED_KIND


def test_a_csv_with_a_wrong_byte_is_not_utf8_however_late_the_byte() -> None:
    content = b"a\n" + b"1\n" * 100_000 + b"\xe4\n"
    refusal = refusal_of("a.csv", content)
    assert (refusal.reason, refusal.line, refusal.offset) == (Reason.INVALID_UTF8, 100_002, 200_002)


def test_an_empty_file_is_processed_with_no_rows() -> None:
    normalised, summary = convert("a.json", [])
    assert normalised == b""
    assert summary.as_detail(max_schema_bytes=1000) == {
        "kind": "empty",
        "size": 0,
        "sha256": hashlib.sha256(b"").hexdigest(),
        "rows": 0,
        "schema": {"columns": [], "complete": True},
    }


@pytest.mark.parametrize("sample", sorted(SAMPLES.iterdir()), ids=lambda path: path.name)
def test_the_samples_are_what_their_names_say(sample: Path) -> None:
    content = sample.read_bytes()
    if sample.name.startswith("broken"):
        assert refusal_of(sample.name, content).reason is Reason.TRUNCATED_JSON
        return
    summary = convert(sample.name, [content] if content else [])[1]
    expected = {".csv": Kind.CSV, ".json": Kind.JSON, ".txt": Kind.TEXT}[sample.suffix] if content else Kind.EMPTY
    assert summary.kind is expected
    assert content == b"" or (summary.rows or summary.lines or 0) >= 5
