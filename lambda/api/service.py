"""What the API does, without HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.problems import Code, ProblemError
from api.requests import Page, SmallObject, Upload, Version
from api.stores import LATEST, Catalogue, Item, Listed, Objects

URL_SECONDS = 15 * 60
RECEIVED = "RECEIVED"
_PROCESSED = "PROCESSED"
_SUMMARY = ("kind", "size", "sha256", "rows", "lines", "words", "schema")
Answer = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """Takes objects in and tells what became of them, in one region; the catalogue spans all of them."""

    region: str
    raw: Objects
    processed: Objects
    catalogue: Catalogue
    clock: Callable[[], float] = time.time

    def start_upload(self, upload: Upload) -> Answer:
        """Where and how the client puts the object itself."""
        return {
            "key": upload.key,
            "method": "PUT",
            "url": self.raw.upload_url(
                upload.key, content_type=upload.content_type, size=upload.size, seconds=URL_SECONDS
            ),
            "headers": {"Content-Type": upload.content_type, "Content-Length": str(upload.size)},
            "expiresAt": self._expiry(),
        }

    def put(self, small: SmallObject) -> Answer:
        """Put an object for the client; every call makes a version."""
        version = self.raw.put(small.key, small.content, small.content_type)
        return {"key": small.key, "version": version, "status": RECEIVED, "region": self.region}

    def objects(self, page: Page) -> Answer:
        """A page of this region's objects, each with the status of what was processed last."""
        listed, token = self.raw.page(page.prefix, page.limit, page.token)
        items = self.catalogue.find([(entry.key, LATEST) for entry in listed])
        answer: Answer = {"objects": [self._listed(entry, items.get(entry.key)) for entry in listed]}
        return answer | ({"next": token} if token else {})

    def status(self, wanted: Version) -> Answer:
        """What is known about a version; raises :class:`ProblemError` if there is no such object."""
        version = wanted.id or self.raw.current_version(wanted.key)
        # Without a current version here it may still be known: put in another region, not copied yet, or deleted.
        item = self.catalogue.find([(wanted.key, version or LATEST)]).get(wanted.key)
        if item is None:
            if version is None or (wanted.id and self.raw.current_version(wanted.key) != wanted.id):
                raise ProblemError(Code.NOT_FOUND, f"nothing is known of {wanted.key!r}")
            return {"key": wanted.key, "version": version, "status": RECEIVED}
        known = {
            "key": wanted.key,
            "version": item.get("version_id", item["version"]),
            "status": item["status"],
            "region": item["region"],
            "processedAt": item["processed_at"],
            "reason": item.get("reason"),
            "summary": {name: item[name] for name in _SUMMARY if name in item} or None,
        }
        return {name: value for name, value in known.items() if value is not None}

    def result(self, wanted: Version) -> Answer:
        """What was made of a version, the data by an address; raises :class:`ProblemError` if there is nothing yet."""
        item = self.catalogue.find([(wanted.key, wanted.id or LATEST)]).get(wanted.key)
        if item is None:
            raise ProblemError(Code.NOT_FOUND, f"nothing was made of {wanted.key!r}, or not yet")
        if item["status"] != _PROCESSED:
            raise ProblemError(Code.NOT_PROCESSED, f"{wanted.key!r} is {item['status']}", status=item["status"])
        data = item["output"]["data"]
        if item["region"] != self.region and self.processed.current_version(data) is None:
            region = item["region"]
            raise ProblemError(Code.RESULT_ELSEWHERE, f"the result stands in {region}: ask there", region=region)
        return {
            **self.status(Version(wanted.key, item.get("version_id", item["version"]))),
            "data": {"url": self.processed.download_url(data, seconds=URL_SECONDS), "expiresAt": self._expiry()},
        }

    def _listed(self, entry: Listed, item: Item | None) -> Answer:
        # What was put after the last processing is still to be processed.
        known = item is not None and datetime.fromisoformat(item["processed_at"]) >= entry.modified
        return {
            "key": entry.key,
            "size": entry.size,
            "modified": entry.modified.astimezone(UTC).isoformat(timespec="seconds"),
            "status": item["status"] if item and known else RECEIVED,
        }

    def _expiry(self) -> str:
        return datetime.fromtimestamp(self.clock() + URL_SECONDS, UTC).isoformat(timespec="seconds")
