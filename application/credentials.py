"""The credentials this process was given: by its environment, by its ECS task or by its EC2 instance."""

from __future__ import annotations

import calendar
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from application import logs
from application.metadata import InstanceMetadata, MetadataError, fetch, parse

CONTAINER_ENDPOINT = "http://169.254.170.2"
"""Where ECS hands a task its role's credentials: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html"""

_INSTANCE_PATH = "/latest/meta-data/iam/security-credentials/"
_SECONDS = 1.0
_REFRESH_BEFORE_SECONDS = 300.0


class CredentialsError(Exception):
    """There are no credentials to be had."""


@dataclass(frozen=True)
class Credentials:
    """A key pair, with the session token of a role. ``expires`` is in seconds since the epoch."""

    key_id: str
    secret: str
    token: str = ""
    expires: float = float("inf")

    def __repr__(self) -> str:
        """Without what must not be written down."""
        return f"Credentials(key_id={self.key_id!r})"


class CredentialSource:
    """Finds credentials and keeps them until five minutes before they expire; any thread may ask.

    In this order: the variables ``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY`` and ``AWS_SESSION_TOKEN``; the ECS
    task's role, where ``AWS_CONTAINER_CREDENTIALS_RELATIVE_URI`` is set; the EC2 instance's role.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        metadata_endpoint: str,
        container_endpoint: str = CONTAINER_ENDPOINT,
    ) -> None:
        self._environment = environment
        self._instance = InstanceMetadata(metadata_endpoint, seconds=_SECONDS)
        self._container_endpoint = container_endpoint
        self._lock = threading.Lock()
        self._current: Credentials | None = None

    def get(self) -> Credentials:
        """Credentials that are valid now; raises ``CredentialsError``."""
        with self._lock:
            known = self._current
            if known and known.expires - _REFRESH_BEFORE_SECONDS > time.time():
                return known
            try:
                self._current = self._find()
            except MetadataError as error:
                if known and known.expires > time.time():
                    logs.warning("credentials_not_refreshed", reason=str(error))
                    return known
                raise CredentialsError(f"no credentials: {error}") from None
            return self._current

    def _find(self) -> Credentials:
        key_id = self._environment.get("AWS_ACCESS_KEY_ID")
        secret = self._environment.get("AWS_SECRET_ACCESS_KEY")
        if key_id and secret:
            return Credentials(key_id, secret, self._environment.get("AWS_SESSION_TOKEN", ""))
        path = self._environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        if path:
            return _from_document(parse(fetch(self._container_endpoint + path, seconds=_SECONDS)))
        role = self._instance.get(_INSTANCE_PATH).split("\n")[0].strip()
        return _from_document(parse(self._instance.get(_INSTANCE_PATH + role)))


def _from_document(document: Mapping[str, Any]) -> Credentials:
    """What ECS and EC2 both answer with."""
    try:
        return Credentials(
            document["AccessKeyId"],
            document["SecretAccessKey"],
            document["Token"],
            calendar.timegm(time.strptime(document["Expiration"], "%Y-%m-%dT%H:%M:%SZ")),
        )
    except (KeyError, TypeError, ValueError):
        raise MetadataError(f"the answer holds no credentials ({document.get('Code', 'no code')})") from None
