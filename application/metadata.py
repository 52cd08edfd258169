"""Small JSON and text documents from the link-local endpoints of EC2 and ECS, and nothing from anywhere else."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_MAX_BYTES = 65536


class MetadataError(Exception):
    """An endpoint did not answer as it is documented to."""


def fetch(url: str, *, seconds: float, method: str = "GET", headers: Mapping[str, str] | None = None) -> str:
    """The text at an http ``url``, each network operation bounded by ``seconds``; raises ``MetadataError``.

    Proxies of the environment are not used: a request to these addresses never leaves the host.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request(method, parts.path, headers=dict(headers or {}))
        response = connection.getresponse()
        body = response.read(_MAX_BYTES).decode()
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise MetadataError(f"{parts.netloc} does not answer: {error or type(error).__name__}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise MetadataError(f"{parts.netloc} answers HTTP {response.status}")
    return body


def parse(text: str) -> Mapping[str, Any]:
    """The JSON object in ``text``; raises ``MetadataError``."""
    try:
        document = json.loads(text)
    except ValueError:
        raise MetadataError("the answer is not JSON") from None
    if not isinstance(document, dict):
        raise MetadataError("the answer is not a JSON object")
    return document


class InstanceMetadata:
    """The EC2 instance's own metadata, by version 2 of its service: with a session token.

    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
    """

    def __init__(self, endpoint: str, *, seconds: float) -> None:
        self._endpoint = endpoint
        self._seconds = seconds

    def get(self, path: str) -> str:
        """The document at ``path``, which begins with a slash; raises ``MetadataError``."""
        if not self._endpoint:
            raise MetadataError("the instance metadata service is switched off")
        token = fetch(
            f"{self._endpoint}/latest/api/token",
            seconds=self._seconds,
            method="PUT",
            headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"},
        )
        return fetch(self._endpoint + path, seconds=self._seconds, headers={"X-aws-ec2-metadata-token": token})
