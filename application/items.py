"""Small JSON documents in the catalogue table, under keys that no object of the data pipeline has.

They exist to show that writes survive the loss of a region: each says where and when it was written.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from application.aws import AwsClient

PARTITION_PREFIX = "application#"
"""What the partition keys of items begin with; an IAM condition on ``dynamodb:LeadingKeys`` can hold the role to it."""

_SORT_KEY = "current"
_ID = re.compile("[A-Za-z0-9._-]{1,128}")
# No item has this id: a colon is not allowed in one.
_PROBE_ID = "health:probe"


@dataclass(frozen=True)
class Item:
    """A document, with the region that wrote it and the time in UTC."""

    id: str
    document: Mapping[str, Any]
    written_in: str
    written_at: str

    def as_json(self) -> dict[str, Any]:
        """The item as a client sees it."""
        return asdict(self)


class ItemStore:
    """Stores and reads items; every call blocks and raises ``AwsError``."""

    def __init__(self, client: AwsClient, *, table_name: str, region: str, seconds: float) -> None:
        self._client = client
        self._table_name = table_name
        self._region = region
        self._seconds = seconds

    def put(self, item_id: str, document: Mapping[str, Any]) -> tuple[Item, bool]:
        """Store ``document``, in place of what was there; the item, and whether it is new."""
        item = Item(item_id, document, self._region, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        attributes = {
            **_key(item_id),
            "document": {"S": _text(document)},
            "written_in": {"S": item.written_in},
            "written_at": {"S": item.written_at},
        }
        answer = self._client.dynamodb(
            "PutItem",
            {"TableName": self._table_name, "Item": attributes, "ReturnValues": "ALL_OLD"},
            seconds=self._seconds,
        )
        return item, not answer.get("Attributes")

    def get(self, item_id: str) -> Item | None:
        """The item as this region knows it, its own last write included; None if there is none."""
        found = self._read(item_id, self._seconds, consistent=True)
        if not found:
            return None
        return Item(item_id, json.loads(found["document"]["S"]), found["written_in"]["S"], found["written_at"]["S"])

    def probe(self, seconds: float) -> None:
        """Return if the table can be read, with the rights and the key that items need."""
        self._read(_PROBE_ID, seconds, consistent=False)

    def _read(self, item_id: str, seconds: float, *, consistent: bool) -> Mapping[str, Any]:
        answer = self._client.dynamodb(
            "GetItem",
            {"TableName": self._table_name, "Key": _key(item_id), "ConsistentRead": consistent},
            seconds=seconds,
        )
        found: Mapping[str, Any] = answer.get("Item") or {}
        return found


def parse_document(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``; raises ``ValueError`` for all that cannot be stored and read back the same."""
    document = json.loads(body.decode(), parse_constant=_refuse_constant)
    if not isinstance(document, dict):
        raise ValueError("the body is not a JSON object")
    _text(document)
    return document


def is_item_id(text: str) -> bool:
    """Whether ``text`` can name an item: 1 to 128 letters, digits, dots, hyphens and underscores."""
    return bool(_ID.fullmatch(text))


def _text(document: Mapping[str, Any]) -> str:
    """The document as it is stored, which takes no more bytes than it came in."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text.encode()
    return text


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _key(item_id: str) -> dict[str, dict[str, str]]:
    """The names of the catalogue's keys."""
    return {"object": {"S": PARTITION_PREFIX + item_id}, "version": {"S": _SORT_KEY}}
