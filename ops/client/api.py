"""The API of one region as Python calls."""

import http.client
import json
import mimetypes
import random
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.credentials import ReadOnlyCredentials

from ops.client.signature import Call, sign, sign_for_all

SMALL_BYTES = 1024 * 1024
"""What the API takes in a request of its own; anything larger is put to S3 directly."""

_SECONDS = 30.0
_PAUSES = (0.5, 2.0)
_WORTH_REPEATING = {http.HTTPStatus.TOO_EARLY, http.HTTPStatus.TOO_MANY_REQUESTS, http.HTTPStatus.SERVICE_UNAVAILABLE}
Answer = dict[str, Any]


class ApiError(Exception):
    """The API said no; ``status`` is HTTP's and ``answer`` what it said, if it was reached."""

    def __init__(self, text: str, *, status: int | None = None, answer: Answer | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.answer = answer or {}


class Api:
    """Calls of the API at ``url``, signed for ``region``, or for every region where that is None."""

    def __init__(self, url: str, credentials: ReadOnlyCredentials, *, region: str | None) -> None:
        self._url = url.rstrip("/")
        self._credentials = credentials
        self._region = region

    def put(self, key: str, content: bytes, *, repeatable_as: str | None = None) -> Answer:
        """Put an object of any size; with ``repeatable_as`` a small one is put once however often it is sent."""
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        if len(content) > SMALL_BYTES:
            return self.upload(key, content, content_type=kind)
        headers = {"Content-Type": kind} | ({"Idempotency-Key": repeatable_as} if repeatable_as else {})
        return self.call("PUT", "/objects", {"key": key}, body=content, headers=headers)

    def upload(self, key: str, content: bytes, *, content_type: str) -> Answer:
        """Put an object straight to S3, by an address that the API signs."""
        wanted = {"key": key, "size": len(content), "contentType": content_type}
        body = json.dumps(wanted).encode()
        upload = self.call("POST", "/uploads", body=body, headers={"Content-Type": "application/json"})
        status, answer = send(Call(upload["method"], upload["url"], content), upload["headers"])
        if status != http.HTTPStatus.OK:
            raise ApiError(f"S3 did not take {key}: {status} {answer[:500].decode(errors='replace')}", status=status)
        return {"key": key}

    def status(self, key: str) -> Answer:
        """What became of an object."""
        return self.call("GET", "/objects/status", {"key": key})

    def result(self, key: str) -> Answer:
        """What was made of an object."""
        return self.call("GET", "/results", {"key": key})

    def objects(self, prefix: str = "") -> Iterator[Answer]:
        """Every object, page by page."""
        query = {"prefix": prefix}
        while True:
            page = self.call("GET", "/objects", query)
            yield from page["objects"]
            if "next" not in page:
                return
            query = {"prefix": prefix, "next": page["next"]}

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make a signed call; raises :class:`ApiError` for anything but success.

        A call that may be repeated without harm is: after no answer, and where the API asks for another attempt.
        """
        repeatable = method != "PUT" or "Idempotency-Key" in (headers or {})
        for pause in _PAUSES if repeatable else ():
            try:
                return self._attempt(method, path, query, body=body, headers=headers)
            except ApiError as error:
                if error.status is not None and error.status not in _WORTH_REPEATING:
                    raise
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - so that clients do not come back all at once
        return self._attempt(method, path, query, body=body, headers=headers)

    def _attempt(
        self, method: str, path: str, query: Mapping[str, str] | None, *, body: bytes, headers: Mapping[str, str] | None
    ) -> Answer:
        url = f"{self._url}{path}" + (f"?{urlencode(query)}" if query else "")
        call = Call(method, url, body, headers)
        if self._region is None:
            signed = sign_for_all(call, self._credentials)
        else:
            signed = sign(call, self._credentials, region=self._region)
        status, content = send(call, signed)
        try:
            answer: Answer = json.loads(content)
        except ValueError:
            answer = {"message": content[:500].decode(errors="replace")}
        if status >= http.HTTPStatus.BAD_REQUEST:
            raise ApiError(f"{method} {path}: {status} {json.dumps(answer)}", status=status, answer=answer)
        return answer


def send(call: Call, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Send a request as it is, without following redirects; status and body are returned.

    Raises :class:`ApiError` if there is no answer.
    """
    parts = urlsplit(call.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=_SECONDS)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(call.method, target, body=call.body or None, headers=dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise ApiError(f"{call.method} {parts.netloc}: no answer: {error}") from error
    finally:
        connection.close()
