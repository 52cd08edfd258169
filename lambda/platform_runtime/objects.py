"""Objects in S3, read and written as streams: memory stays the same whatever their size."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

_CHUNK_BYTES = 256 * 1024
_PART_BYTES = 8 * 1024 * 1024
_RESUMPTIONS = 5
# A HEAD has no body to name the error in; 405 answers for a version that is a delete marker.
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "405"})
_UNVERSIONED = "null"


class ObjectGoneError(Exception):
    """The object, or this version of it, does not exist any more."""


class StoredObject:
    """One version of an object, opened for reading once."""

    def __init__(self, client: S3Client, bucket: str, key: str, version_id: str, response: GetObjectOutputTypeDef):
        self._client = client
        self._bucket = bucket
        self._key = key
        self._version_id = version_id
        self._body: StreamingBody = response["Body"]
        self.size = response["ContentLength"]
        self.is_replica = response.get("ReplicationStatus") == "REPLICA"

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces of at most 256 KiB.

        A connection that breaks is taken up again where it broke. Raises :class:`ObjectGoneError` if the version
        is deleted meanwhile, and botocore's error if reading makes no progress in five attempts.
        """
        position = 0
        failures = 0
        while position < self.size:
            try:
                chunk = self._body.read(_CHUNK_BYTES)
            except (HTTPClientError, IncompleteReadError):
                if failures == _RESUMPTIONS:
                    raise
                chunk = b""
            if chunk:
                failures = 0
                position += len(chunk)
                yield chunk
            elif failures == _RESUMPTIONS:
                raise IncompleteReadError(actual_bytes=position, expected_bytes=self.size)
            else:
                failures += 1
                self._resume_at(position)

    def close(self) -> None:
        """Give the connection back."""
        self._body.close()

    def _resume_at(self, position: int) -> None:
        self._body.close()
        with _gone_if_missing(self._bucket, self._key):
            response = self._client.get_object(
                Bucket=self._bucket, Key=self._key, VersionId=self._version_id, Range=f"bytes={position}-"
            )
        self._body = response["Body"]


class ObjectReader:
    """Reads versions of objects."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def current_version(self, bucket: str, key: str) -> str:
        """The id of the object's current version, ``null`` in a bucket without versions.

        Raises :class:`ObjectGoneError` if there is no such object.
        """
        with _gone_if_missing(bucket, key):
            return self._client.head_object(Bucket=bucket, Key=key).get("VersionId", _UNVERSIONED)

    @contextmanager
    def open(self, bucket: str, key: str, version_id: str) -> Iterator[StoredObject]:
        """Open a version for reading; raises :class:`ObjectGoneError` if it does not exist."""
        with _gone_if_missing(bucket, key):
            response = self._client.get_object(Bucket=bucket, Key=key, VersionId=version_id)
        stored = StoredObject(self._client, bucket, key, version_id, response)
        try:
            yield stored
        finally:
            stored.close()


class ObjectWriter:
    """Writes objects of any size from a stream."""

    def __init__(self, client: S3Client) -> None:
        self._client = client

    def write(self, bucket: str, key: str, blocks: Iterable[bytes], *, content_type: str) -> None:
        """Write ``blocks`` as one object, in parts of 8 MiB if there is more than one part.

        S3 shows the object only when all of it has arrived. An error, of S3's or of ``blocks``' making, aborts
        the upload, leaves nothing behind and is raised as it is.
        """
        from boto3.s3.transfer import TransferConfig

        self._client.upload_fileobj(
            io.BufferedReader(_BlockReader(blocks), buffer_size=1024 * 1024),
            bucket,
            key,
            ExtraArgs={"ContentType": content_type},
            Config=TransferConfig(
                multipart_threshold=_PART_BYTES,
                multipart_chunksize=_PART_BYTES,
                # One thread holds one part in memory; more threads hold more, and the work is CPU-bound anyway.
                use_threads=False,
                preferred_transfer_client="classic",
            ),
        )


class _BlockReader(io.RawIOBase):
    """A stream of blocks as the file that boto3 wants to read from."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        super().__init__()
        self._blocks = iter(blocks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """It is, and that is all it is: boto3 then never seeks in it."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # typeshed's type is not public
        """Fill ``buffer`` as far as the current block reaches."""
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


@contextmanager
def _gone_if_missing(bucket: str, key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            raise ObjectGoneError(f"s3://{bucket}/{key} is gone") from error
        raise
