"""Requests and responses of HTTP/1.1, read strictly (RFC 9110 and RFC 9112).

What is ambiguous is refused: a proxy in front may read an ambiguous message otherwise, which is how requests are
smuggled past it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

_NAME = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rf"({_NAME}) (\S+) HTTP/([0-9])\.([0-9])")
_FIELD = re.compile(rf"({_NAME}):[ \t]*(.*?)[ \t]*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_FIELDS = 100
_SINGLE = frozenset({"host", "content-length", "transfer-encoding", "expect"})

# What OWASP recommends for an API (https://owasp.org/www-project-secure-headers/): nothing is cached, framed or run.
_SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@dataclass(frozen=True)
class Response:
    """What is sent back."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, status: int, payload: object, headers: Mapping[str, str] | None = None) -> Response:
        """A response whose body is ``payload``."""
        return cls(status, json.dumps(payload).encode() + b"\n", headers=headers or {})

    @classmethod
    def error(cls, status: int, reason: str, headers: Mapping[str, str] | None = None) -> Response:
        """A response that says in ``error`` what was wrong."""
        return cls.json(status, {"error": reason}, headers)

    def encode(self, *, head_only: bool, close: bool) -> bytes:
        """The response as it travels; to a HEAD request without its body."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        fields = {
            "Date": formatdate(usegmt=True),
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            **_SECURITY_HEADERS,
            **self.headers,
            **({"Connection": "close"} if close else {}),
        }
        lines.extend(f"{name}: {value}" for name, value in fields.items())
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (b"" if head_only else self.body)


class ProtocolError(Exception):
    """A message that breaks HTTP or a limit. Where the next message begins is unknown, so the connection ends."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.response = Response.error(status, reason)


@dataclass(frozen=True)
class Head:
    """A request's first line and header fields, whose names are in lower case."""

    method: str
    target: str
    version: tuple[int, int]
    fields: Mapping[str, str]

    @property
    def path(self) -> str:
        """The target's path, percent-decoded; raises ``ProtocolError`` where it has none in UTF-8."""
        try:
            raw = self.target if self.target.startswith("/") else urlsplit(self.target).path or "/"
            return unquote(raw.partition("?")[0], errors="strict")
        except ValueError:
            raise ProtocolError(400, "the request target is malformed") from None

    @property
    def keep_alive(self) -> bool:
        """Whether the client may send another request on this connection."""
        options = {option.strip().lower() for option in self.fields.get("connection", "").split(",")}
        return self.version >= (1, 1) and "close" not in options

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks; raises ``ProtocolError`` where that cannot be told for sure."""
        coding = self.fields.get("transfer-encoding")
        if coding is None:
            return False
        if "content-length" in self.fields or self.version < (1, 1):
            raise ProtocolError(400, "the length of the body is ambiguous")
        if coding.lower() != "chunked":
            raise ProtocolError(501, "the only transfer coding understood is chunked")
        return True

    @property
    def content_length(self) -> int:
        """The length of a body that is not chunked, in bytes; raises ``ProtocolError`` where it is no number."""
        text = self.fields.get("content-length", "0")
        if not re.fullmatch("[0-9]{1,15}", text):
            raise ProtocolError(400, "Content-Length is not a number")
        return int(text)

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for a word before it sends the body; raises ``ProtocolError`` for other wishes."""
        expectation = self.fields.get("expect")
        if expectation is None:
            return False
        if expectation.lower() != "100-continue":
            raise ProtocolError(417, "the only expectation understood is 100-continue")
        return self.version >= (1, 1)


@dataclass(frozen=True)
class Request:
    """A whole request."""

    head: Head
    path: str
    body: bytes = b""


def parse_head(raw: bytes) -> Head:
    """The head in ``raw``, which ends before its empty line; raises ``ProtocolError`` for anything irregular."""
    first, *rest = raw.decode("latin-1").split("\r\n")
    line = _REQUEST_LINE.fullmatch(first)
    if not line or _FORBIDDEN.search(first):
        raise ProtocolError(400, "the request line is malformed")
    method, target, version = line[1], line[2], (int(line[3]), int(line[4]))
    if version[0] != 1:
        raise ProtocolError(505, "the only HTTP understood here is version 1")
    if not re.match("/|https?://", target):
        raise ProtocolError(400, "the request target is neither a path nor a URL")
    fields = _parse_fields(rest)
    if version >= (1, 1) and "host" not in fields:
        raise ProtocolError(400, "the Host header is missing")
    return Head(method, target, version, fields)


def _parse_fields(lines: list[str]) -> dict[str, str]:
    if len(lines) > _MAX_FIELDS:
        raise ProtocolError(431, f"there are more than {_MAX_FIELDS} header fields")
    fields: dict[str, str] = {}
    for text in lines:
        parsed = _FIELD.fullmatch(text)
        if not parsed or _FORBIDDEN.search(text):
            raise ProtocolError(400, "a header field is malformed")
        name, value = parsed[1].lower(), parsed[2]
        if name in fields:
            if name in _SINGLE:
                raise ProtocolError(400, f"there is more than one {name} header")
            value = f"{fields[name]}, {value}"
        fields[name] = value
    return fields
