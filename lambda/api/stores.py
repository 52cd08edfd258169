"""The buckets and the catalogue as the API uses them: the one module of it that talks to AWS."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from api.problems import Code, ProblemError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

LATEST = "latest"
_GONE = frozenset({"NoSuchKey", "NoSuchVersion", "404", "MethodNotAllowed", "405"})
_MAX_BATCH = 100
_ATTEMPTS = 5
Item = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """An object as the bucket lists it."""

    key: str
    size: int
    modified: datetime


class Objects:
    """One bucket."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, content: bytes, content_type: str) -> str:
        """Put an object; its version id is returned."""
        answer = self._client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
        return answer["VersionId"]

    def current_version(self, key: str) -> str | None:
        """The id of the current version, or None where there is no such object."""
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key).get("VersionId", "null")
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise

    def page(self, prefix: str, limit: int, token: str | None) -> tuple[list[Listed], str | None]:
        """Objects in the order of their keys, and the token of the next page if there is one.

        Raises :class:`ProblemError` for a token that S3 did not give.
        """
        continued = {"ContinuationToken": token} if token else {}
        try:
            answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=limit, **continued)  # type: ignore[arg-type]
        except ClientError as error:
            if token and error.response["Error"]["Code"] == "InvalidArgument":
                raise ProblemError(Code.INVALID_REQUEST, "next is no token of an earlier answer") from error
            raise
        listed = [Listed(entry["Key"], entry["Size"], entry["LastModified"]) for entry in answer.get("Contents", [])]
        return listed, answer.get("NextContinuationToken")

    def upload_url(self, key: str, *, content_type: str, size: int, seconds: int) -> str:
        """An address to which the object can be PUT for a while, with exactly this type and size."""
        return self._client.generate_presigned_url(
            "put_object",
            Params={"Bucket": self._bucket, "Key": key, "ContentType": content_type, "ContentLength": size},
            ExpiresIn=seconds,
        )

    def download_url(self, key: str, *, seconds: int) -> str:
        """An address from which the object can be read for a while."""
        return self._client.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=seconds
        )


class Catalogue:
    """What the pipeline knows about objects, whichever region processed them."""

    def __init__(self, client: DynamoDBClient, table: str, buckets: tuple[str, ...]) -> None:
        from boto3.dynamodb.types import TypeDeserializer

        self._client = client
        self._table = table
        self._buckets = buckets
        self._deserialize = TypeDeserializer().deserialize

    def find(self, wanted: Sequence[tuple[str, str]]) -> dict[str, Item]:
        """By key, the item about a version (an id or :data:`LATEST`), the newest if several regions have one.

        Raises :class:`ProblemError` if DynamoDB keeps leaving keys out.
        """
        names = {f"{bucket}/{key}": key for key, _ in wanted for bucket in self._buckets}
        keys = [
            {"object": {"S": f"{bucket}/{key}"}, "version": {"S": version}}
            for key, version in wanted
            for bucket in self._buckets
        ]
        found: dict[str, Item] = {}
        for start in range(0, len(keys), _MAX_BATCH):
            for item in self._batch(keys[start : start + _MAX_BATCH]):
                key = names[item["object"]]
                if key not in found or found[key]["processed_at"] < item["processed_at"]:
                    found[key] = item
        return found

    def _batch(self, keys: list[Any]) -> Iterable[Item]:
        for _ in range(_ATTEMPTS):
            if not keys:
                return
            answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": keys}})
            for item in answer["Responses"].get(self._table, []):
                yield {name: _plain(self._deserialize(value)) for name, value in item.items()}
            left = answer.get("UnprocessedKeys", {})
            keys = list(left[self._table]["Keys"]) if self._table in left else []
        if keys:
            raise ProblemError(Code.TRY_AGAIN, "the catalogue is overloaded")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value
