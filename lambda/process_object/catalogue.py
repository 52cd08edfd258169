"""The catalogue in DynamoDB: one item for each version of an object, and one that points to the latest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from process_object.entry import CatalogueUnavailableError, Claim, ConflictError, Entry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LATEST = "latest"
"""The sort key of the item about the latest version; S3 gives no version this id."""

_SEQUENCER_DIGITS = 64


class Catalogue:
    """Reads and writes entries; every write names the state it is based on and fails if that has changed.

    Every method raises :class:`CatalogueUnavailableError` if DynamoDB does not do what it is asked.
    """

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

        self._client = client
        self._table = table
        self._serialize = TypeSerializer().serialize
        self._deserialize = TypeDeserializer().deserialize

    def find(self, object_: str, version: str) -> Entry | None:
        """The entry of a version, as of now."""
        with _translated_errors():
            response = self._client.get_item(
                TableName=self._table,
                Key={"object": {"S": object_}, "version": {"S": version}},
                ConsistentRead=True,
            )
        item = response.get("Item")
        return None if item is None else Entry.from_item(self._plain(item))

    def claim(self, entry: Entry, *, instead_of: Claim | None) -> None:
        """Write ``entry`` with its new claim, over the entry of the claim ``instead_of`` or where there is none.

        Raises :class:`ConflictError` if another message was faster.
        """
        if instead_of is None:
            self._put(entry, "attribute_not_exists(#object)", {"#object": "object"}, {})
        else:
            self._put_over(entry, instead_of)

    def update(self, entry: Entry) -> None:
        """Write ``entry`` under the claim it holds; raises :class:`ConflictError` if it has lost it."""
        self._put_over(entry, entry.claim)

    def point_to(self, entry: Entry) -> None:
        """Let the item ``latest`` describe ``entry``, unless it describes a version that was put later."""
        item = entry.as_item()
        del item["claim"], item["notified"]
        item |= {
            "version": LATEST,
            "version_id": entry.version,
            # S3: the greater hexadecimal number is the later event, numbers may differ in length.
            "sequencer_order": entry.sequencer.lower().rjust(_SEQUENCER_DIGITS, "0"),
        }
        with suppress(ConflictError), _translated_errors():
            self._client.put_item(
                TableName=self._table,
                Item=self._native(item),
                ConditionExpression="attribute_not_exists(#order) OR #order <= :order",
                ExpressionAttributeNames={"#order": "sequencer_order"},
                ExpressionAttributeValues={":order": {"S": item["sequencer_order"]}},
            )

    def _put_over(self, entry: Entry, claim: Claim) -> None:
        self._put(entry, "#claim.#id = :id", {"#claim": "claim", "#id": "id"}, {":id": claim.id})

    def _put(self, entry: Entry, condition: str, names: dict[str, str], values: dict[str, str]) -> None:
        parameters: dict[str, Any] = {"ExpressionAttributeValues": self._native(values)} if values else {}
        with _translated_errors():
            self._client.put_item(
                TableName=self._table,
                Item=self._native(entry.as_item()),
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                **parameters,
            )

    def _native(self, item: dict[str, Any]) -> dict[str, Any]:
        return {name: self._serialize(value) for name, value in item.items()}

    def _plain(self, item: dict[str, Any]) -> dict[str, Any]:
        plain: dict[str, Any] = _without_decimals({name: self._deserialize(value) for name, value in item.items()})
        return plain


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            raise ConflictError("the catalogue's item has changed meanwhile") from error
        raise CatalogueUnavailableError(str(error)) from error
    except BotoCoreError as error:
        raise CatalogueUnavailableError(str(error)) from error


def _without_decimals(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, dict):
        return {name: _without_decimals(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_decimals(member) for member in value]
    return value
