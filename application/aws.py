"""The three calls to AWS that this application makes, signed and sent with the standard library.

An SDK is deliberately not used, even where one is installed: the public Python image has none, so this code is
needed anyway, and one path that is always taken is easier to trust than two.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from application.credentials import CredentialsError, CredentialSource
from application.settings import Aws
from application.signature import sign

_MAX_BYTES = 1024 * 1024
_PASSING = frozenset({"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"})
_PAUSE_SECONDS = 0.05


class AwsError(Exception):
    """A call that failed, in words that may be shown to anybody: no name, account or address of ours.

    ``passing`` marks what may be gone at the next attempt.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


class AwsClient:
    """Makes the calls in one region; any thread may use it.

    Every call opens a connection of its own, which shows that the service can be reached, not that it once could.
    """

    def __init__(self, aws: Aws, credentials: CredentialSource) -> None:
        self._aws = aws
        self._credentials = credentials
        self._tls = ssl.create_default_context()

    def dynamodb(self, operation: str, request: Mapping[str, Any], *, seconds: float) -> Mapping[str, Any]:
        """The answer to an operation that may be repeated; raises ``AwsError``.

        ``seconds`` bounds each network operation. What AWS marks as passing is tried once more.
        """
        endpoint = self._endpoint("dynamodb") or f"https://dynamodb.{self._aws.region}.{self._aws.url_suffix}"
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        }
        body = json.dumps(request).encode()
        try:
            return _parse(*self._send("dynamodb", "POST", endpoint, "/", headers, body, seconds))
        except AwsError as error:
            if not error.passing:
                raise
        time.sleep(_PAUSE_SECONDS)
        return _parse(*self._send("dynamodb", "POST", endpoint, "/", headers, body, seconds))

    def head_bucket(self, name: str, *, seconds: float) -> None:
        """Return if the bucket exists here and may be listed; raises ``AwsError``."""
        endpoint = self._endpoint("s3")
        if not endpoint and "." not in name:
            endpoint, path = f"https://{name}.s3.{self._aws.region}.{self._aws.url_suffix}", "/"
        else:
            # The wildcard certificate of the virtual-hosted form covers no further dot.
            endpoint, path = endpoint or f"https://s3.{self._aws.region}.{self._aws.url_suffix}", f"/{name}"
        status, _ = self._send("s3", "HEAD", endpoint, path, {}, b"", seconds)
        if status != 200:
            raise AwsError(f"HTTP {status}")

    def _endpoint(self, service: str) -> str:
        return self._aws.endpoints.get(service) or self._aws.endpoints.get("", "")

    def _send(
        self,
        service: str,
        method: str,
        endpoint: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
    ) -> tuple[int, bytes]:
        parts = urlsplit(endpoint)
        try:
            signed = sign(
                method=method,
                path=path,
                headers={"Host": parts.netloc, **headers},
                body=body,
                service=service,
                region=self._aws.region,
                credentials=self._credentials.get(),
                now=time.time(),
            )
        except CredentialsError:
            raise AwsError("no credentials") from None
        host = parts.hostname or ""
        connection = (
            http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=self._tls)
            if parts.scheme == "https"
            else http.client.HTTPConnection(host, parts.port, timeout=seconds)
        )
        try:
            connection.request(method, path, body, signed)
            response = connection.getresponse()
            return response.status, response.read(_MAX_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise AwsError(f"no answer ({type(error).__name__})", passing=True) from None
        finally:
            connection.close()


def _parse(status: int, answer: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(answer)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise AwsError(f"HTTP {status} without a JSON object", passing=status >= 500)
    if status != 200:
        code = str(document.get("__type", "")).rpartition("#")[2] or f"HTTP {status}"
        raise AwsError(code, passing=status >= 500 or code in _PASSING)
    return document
