"""What functions share: objects as streams, events, clients."""

from __future__ import annotations

import io
from typing import Any

import pytest
from botocore.exceptions import ClientError, IncompleteReadError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from platform_runtime.events import MAX_ENTRY_BYTES, EventPublisher, PublishError
from platform_runtime.objects import ObjectGoneError, ObjectReader, ObjectWriter

from tests.functions.pipeline import CLIENTS, PROCESSED, RAW, SOURCE, Pipeline, calls_hooked

CONTENT = bytes(range(256)) * 4096
"""One MiB."""


class BreakingBody(io.RawIOBase):
    """A connection that breaks after some bytes, or ends too early."""

    def __init__(self, content: bytes, error: Exception | None) -> None:
        self._content = io.BytesIO(content)
        self._error = error

    def read(self, size: int = -1) -> bytes:
        chunk = self._content.read(size)
        if not chunk and self._error:
            raise self._error
        return chunk


def answer(content: bytes, size: int, error: Exception | None = None) -> dict[str, Any]:
    body: Any = BreakingBody(content, error)  # botocore needs no more of a file than its read()
    return {"Body": StreamingBody(body, size), "ContentLength": size}


def asked(start: int) -> dict[str, str]:
    return {"Bucket": RAW, "Key": "k", "VersionId": "v", "Range": f"bytes={start}-"}


@pytest.mark.parametrize("error", [ReadTimeoutError(endpoint_url="s3"), None])
def test_reading_goes_on_where_the_connection_broke(error: Exception | None) -> None:
    client = CLIENTS["s3"]
    size, first, second = len(CONTENT), 300_000, 700_001
    with Stubber(client) as stub:
        stub.add_response(
            "get_object", answer(CONTENT[:first], size, error), {"Bucket": RAW, "Key": "k", "VersionId": "v"}
        )
        stub.add_response("get_object", answer(CONTENT[first:second], size - first, error), asked(first))
        stub.add_response("get_object", answer(CONTENT[second:], size - second), asked(second))
        with ObjectReader(client).open(RAW, "k", "v") as stored:
            assert b"".join(stored.chunks()) == CONTENT
        stub.assert_no_pending_responses()


def test_reading_gives_up_when_there_is_no_progress() -> None:
    client = CLIENTS["s3"]
    broken = ReadTimeoutError(endpoint_url="s3")
    with Stubber(client) as stub:
        stub.add_response("get_object", answer(CONTENT[:10], 20, broken))
        for _ in range(5):
            stub.add_response("get_object", answer(b"", 10, broken), asked(10))
        with ObjectReader(client).open(RAW, "k", "v") as stored, pytest.raises(ReadTimeoutError):
            list(stored.chunks())
        stub.assert_no_pending_responses()


def test_an_object_that_stays_shorter_than_announced_is_an_error() -> None:
    client = CLIENTS["s3"]
    with Stubber(client) as stub:
        stub.add_response("get_object", answer(CONTENT[:10], 20))
        for _ in range(5):
            stub.add_response("get_object", {**answer(b"", 0), "ContentLength": 10}, asked(10))
        with ObjectReader(client).open(RAW, "k", "v") as stored, pytest.raises(IncompleteReadError):
            list(stored.chunks())


def test_an_object_deleted_while_it_is_read_is_gone() -> None:
    client = CLIENTS["s3"]
    with Stubber(client) as stub:
        stub.add_response("get_object", answer(CONTENT[:10], 20, ReadTimeoutError(endpoint_url="s3")))
        stub.add_client_error("get_object", "NoSuchVersion")
        with ObjectReader(client).open(RAW, "k", "v") as stored, pytest.raises(ObjectGoneError):
            list(stored.chunks())


@pytest.mark.parametrize(("code", "error"), [("NoSuchKey", ObjectGoneError), ("AccessDenied", ClientError)])
def test_only_what_does_not_exist_is_gone(code: str, error: type[Exception]) -> None:
    with Stubber(CLIENTS["s3"]) as stub:
        stub.add_client_error("get_object", code)
        with pytest.raises(error), ObjectReader(CLIENTS["s3"]).open(RAW, "k", "v"):
            pass


def test_an_object_without_versions_has_the_version_null() -> None:
    with Stubber(CLIENTS["s3"]) as stub:
        stub.add_response("head_object", {"ContentLength": 1}, {"Bucket": RAW, "Key": "k"})
        assert ObjectReader(CLIENTS["s3"]).current_version(RAW, "k") == "null"


@pytest.mark.parametrize("size", [0, 1, 8 * 1024 * 1024, 20 * 1024 * 1024])
def test_blocks_of_any_size_become_one_object(pipeline: Pipeline, size: int) -> None:
    content = (CONTENT * 20)[:size]
    blocks = [b"", content[:7], *(content[at : at + 3_000_000] for at in range(7, size, 3_000_000))]
    ObjectWriter(CLIENTS["s3"]).write(PROCESSED, "k", blocks, content_type="text/x")
    stored = CLIENTS["s3"].get_object(Bucket=PROCESSED, Key="k")
    assert stored["Body"].read() == content
    assert stored["ContentType"] == "text/x"


@pytest.mark.parametrize("parts", [0, 2])
def test_an_error_of_the_stream_leaves_no_object_and_no_upload(pipeline: Pipeline, parts: int) -> None:
    def blocks() -> Any:
        for _ in range(parts * 8):
            yield CONTENT
        raise LookupError("no more")

    with pytest.raises(LookupError):
        ObjectWriter(CLIENTS["s3"]).write(PROCESSED, "k", blocks(), content_type="text/x")
    assert pipeline.written() == {}
    assert CLIENTS["s3"].list_multipart_uploads(Bucket=PROCESSED).get("Uploads", []) == []


def test_an_upload_that_s3_breaks_off_is_aborted(pipeline: Pipeline) -> None:
    operations: list[str] = []

    def refuse(service: str, operation: str) -> None:
        operations.append(operation)
        if operations.count("UploadPart") == 2:
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "later"}}, operation)

    with calls_hooked(refuse), pytest.raises(ClientError):
        ObjectWriter(CLIENTS["s3"]).write(PROCESSED, "k", [CONTENT] * 20, content_type="text/x")
    assert operations[-1] == "AbortMultipartUpload"


def test_an_event_too_large_for_the_bus_is_an_error_before_it_is_sent(pipeline: Pipeline) -> None:
    publisher = EventPublisher(CLIENTS["events"], SOURCE)
    frame = len(SOURCE) + len("Test") + len('{"x":""}')
    publisher.publish("Test", {"x": "y" * (MAX_ENTRY_BYTES - frame)})
    with pytest.raises(PublishError, match="262145 bytes"):
        publisher.publish("Test", {"x": "y" * (MAX_ENTRY_BYTES - frame + 1)})
    assert len(pipeline.announced()) == 1
