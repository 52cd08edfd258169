"""Requests taken apart and checked before anything is done; every mistake of one is named."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.problems import Code, ProblemError

MAX_KEY_BYTES = 900
"""S3 takes 1,024 bytes; the rest is for the names of what is made of the object."""
MAX_BODY_BYTES = 1024 * 1024
"""What may be sent through the API itself; anything larger goes straight to S3."""
MAX_UPLOAD_BYTES = 5 * 1024**3
"""What S3 takes in a single PUT. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html"""
MAX_PAGE = 50
DEFAULT_PAGE = 20

_CONTENT_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,80}/[A-Za-z0-9!#$&^_.+-]{1,80}(; ?[ -~]{1,80})?")
_DEFAULT_TYPE = "application/octet-stream"
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,1024}")
_IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,128}")
Query = Mapping[str, str]


@dataclass(frozen=True)
class Upload:
    """An object that a client wants to put itself."""

    key: str
    size: int
    content_type: str


@dataclass(frozen=True)
class SmallObject:
    """An object in the body of its request; ``idempotency_key`` makes repetitions of the request safe."""

    key: str
    content: bytes
    content_type: str
    idempotency_key: str | None


@dataclass(frozen=True)
class Page:
    """A part of the list of objects."""

    prefix: str
    limit: int
    token: str | None


@dataclass(frozen=True)
class Version:
    """A version of an object; the newest if ``id`` is None."""

    key: str
    id: str | None


class _Check:
    """Collects what is wrong with a request."""

    def __init__(self) -> None:
        self._mistakes: list[str] = []

    def unless(self, fine: object, mistake: str) -> None:
        if not fine:
            self._mistakes.append(mistake)

    def key(self, value: object, name: str = "key") -> str:
        """A key of an object; prefixes may be empty, keys may not."""
        if not isinstance(value, str) or not value:
            self._mistakes.append(f"{name} is missing or no text")
            return ""
        self.unless(_is_key(value), f"{name} must be UTF-8 of at most {MAX_KEY_BYTES} bytes without control characters")
        # S3 would store it; tools that treat keys as paths would read another object.
        self.unless(not {"..", "."} & set(value.split("/")), f"{name} must not contain the path segments . and ..")
        return value

    def content_type(self, value: object) -> str:
        if value is None:
            return _DEFAULT_TYPE
        fine = isinstance(value, str) and _CONTENT_TYPE.fullmatch(value)
        self.unless(fine, "the content type is no media type such as text/csv")
        return str(value)

    def verify(self) -> None:
        if self._mistakes:
            raise ProblemError(Code.INVALID_REQUEST, "; ".join(self._mistakes))


def upload_of(body: str | None) -> Upload:
    """The upload that a JSON body asks for; raises :class:`ProblemError`."""
    try:
        wanted: Any = json.loads(body or "")
    except (ValueError, RecursionError) as error:
        raise ProblemError(Code.INVALID_REQUEST, "the body is not JSON") from error
    if not isinstance(wanted, dict):
        raise ProblemError(Code.INVALID_REQUEST, "the body is no JSON object")
    check = _Check()
    key = check.key(wanted.get("key"))
    content_type = check.content_type(wanted.get("contentType"))
    size = wanted.get("size")
    fine = isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= MAX_UPLOAD_BYTES
    check.unless(fine, f"size must be a whole number of bytes from 0 to {MAX_UPLOAD_BYTES}")
    check.verify()
    return Upload(key=key, size=int(size or 0), content_type=content_type)


def small_object_of(query: Query, headers: Mapping[str, str], content: bytes) -> SmallObject:
    """The object that a request carries; ``headers`` by names in lower case. Raises :class:`ProblemError`."""
    if len(content) > MAX_BODY_BYTES:
        raise ProblemError(
            Code.BODY_TOO_LARGE, f"the body has {len(content)} bytes, at most {MAX_BODY_BYTES}: ask for an upload"
        )
    check = _Check()
    repeated = headers.get("idempotency-key")
    fine = repeated is None or _IDEMPOTENCY_KEY.fullmatch(repeated)
    check.unless(fine, "Idempotency-Key must be 1 to 128 printable ASCII characters without spaces")
    found = SmallObject(
        key=check.key(query.get("key")),
        content=content,
        content_type=check.content_type(headers.get("content-type")),
        idempotency_key=repeated,
    )
    check.verify()
    return found


def page_of(query: Query) -> Page:
    """The part of the list that a query asks for; raises :class:`ProblemError`."""
    check = _Check()
    prefix = query.get("prefix", "")
    check.unless(_is_key(prefix), f"prefix must be UTF-8 of at most {MAX_KEY_BYTES} bytes without control characters")
    limit = query.get("limit", str(DEFAULT_PAGE))
    fine = re.fullmatch(r"[0-9]{1,3}", limit) and 1 <= int(limit) <= MAX_PAGE
    check.unless(fine, f"limit must be a whole number from 1 to {MAX_PAGE}")
    check.verify()
    return Page(prefix=prefix, limit=int(limit), token=query.get("next") or None)


def version_of(query: Query) -> Version:
    """The version that a query names; raises :class:`ProblemError`."""
    check = _Check()
    key = check.key(query.get("key"))
    version = query.get("version")
    check.unless(version is None or _VERSION.fullmatch(version), "version is no version id of S3")
    check.verify()
    return Version(key=key, id=version)


def _is_key(text: str) -> bool:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return False
    return size <= MAX_KEY_BYTES and not any(ord(character) < 32 or ord(character) == 127 for character in text)
