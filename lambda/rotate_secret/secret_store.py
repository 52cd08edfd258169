"""The secret in AWS Secrets Manager: the only module that talks to AWS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rotate_secret.credentials import Credentials
from rotate_secret.failures import MalformedSecretError, RotationRefusedError, SecretStoreError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

CURRENT = "AWSCURRENT"
PENDING = "AWSPENDING"
PREVIOUS = "AWSPREVIOUS"

# RDS for MySQL takes master passwords of 8 to 41 characters.
PASSWORD_LENGTH = 32

# A missing route to the endpoint must show as an error of this function, long before Lambda ends it.
_CLIENT_CONFIGURATION = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


def secrets_manager_client() -> SecretsManagerClient:
    """Make the client; region and endpoint come from the environment."""
    return boto3.client("secretsmanager", config=_CLIENT_CONFIGURATION)


@dataclass(frozen=True)
class SecretState:
    """What Secrets Manager says about a secret: whether it rotates, and which version carries which stages."""

    rotation_enabled: bool
    stages: Mapping[str, frozenset[str]]

    def is_current(self, version: str) -> bool:
        """Tell whether the version is the one that applications read."""
        return CURRENT in self.stages.get(version, frozenset())

    def is_pending(self, version: str) -> bool:
        """Tell whether the version is the one being rotated in."""
        return PENDING in self.stages.get(version, frozenset())

    @property
    def current_version(self) -> str:
        """The version that applications read.

        Raises:
            RotationRefusedError: no version carries AWSCURRENT.
        """
        for version in self.stages:
            if self.is_current(version):
                return version
        raise RotationRefusedError(f"no version of the secret is {CURRENT}")


class SecretStore:
    """Reads and writes versions of secrets; every failure of AWS is a ``SecretStoreError``."""

    def __init__(self, client: SecretsManagerClient, *, excluded_characters: str) -> None:
        self.client = client
        self._excluded_characters = excluded_characters

    def state(self, secret_id: str) -> SecretState:
        """Describe the secret."""
        with _named("DescribeSecret"):
            description = self.client.describe_secret(SecretId=secret_id)
        return SecretState(
            # The key is absent until rotation was configured once; the stages then refuse the step anyway.
            rotation_enabled=description.get("RotationEnabled", True),
            stages={
                version: frozenset(stages) for version, stages in description.get("VersionIdsToStages", {}).items()
            },
        )

    def current(self, secret_id: str) -> Credentials:
        """Read what applications read."""
        with _named("GetSecretValue"):
            return _credentials(self.client.get_secret_value(SecretId=secret_id, VersionStage=CURRENT))

    def previous(self, secret_id: str) -> Credentials | None:
        """Read the last known good version before the current one, if there is one."""
        with _named("GetSecretValue"):
            try:
                return _credentials(self.client.get_secret_value(SecretId=secret_id, VersionStage=PREVIOUS))
            except self.client.exceptions.ResourceNotFoundException:
                return None

    def version(self, secret_id: str, version: str) -> Credentials | None:
        """Read one version whatever its stages; None when it has no value yet."""
        with _named("GetSecretValue"):
            try:
                return _credentials(self.client.get_secret_value(SecretId=secret_id, VersionId=version))
            except self.client.exceptions.ResourceNotFoundException:
                return None

    def new_password(self) -> str:
        """Let Secrets Manager make a password with every kind of character that is allowed."""
        with _named("GetRandomPassword"):
            return self.client.get_random_password(
                PasswordLength=PASSWORD_LENGTH,
                ExcludeCharacters=self._excluded_characters,
                RequireEachIncludedType=True,
            )["RandomPassword"]

    def store_pending(self, secret_id: str, version: str, credentials: Credentials) -> None:
        """Store the version's value, once: the value that is there already stays."""
        with _named("PutSecretValue"):
            try:
                self.client.put_secret_value(
                    SecretId=secret_id,
                    ClientRequestToken=version,
                    SecretString=credentials.to_json(),
                    VersionStages=[PENDING],
                )
            except self.client.exceptions.ResourceExistsException:
                # Another invocation of the same rotation was quicker; a version's value never changes.
                return

    def make_current(self, secret_id: str, version: str, *, instead_of: str) -> None:
        """Move AWSCURRENT in one call; Secrets Manager moves AWSPREVIOUS along with it."""
        with _named("UpdateSecretVersionStage"):
            self.client.update_secret_version_stage(
                SecretId=secret_id, VersionStage=CURRENT, MoveToVersionId=version, RemoveFromVersionId=instead_of
            )


def _credentials(value: Mapping[str, object]) -> Credentials:
    text = value.get("SecretString")
    if not isinstance(text, str):
        raise MalformedSecretError("the secret's value is binary")
    return Credentials.from_json(text)


@contextmanager
def _named(operation: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise SecretStoreError(f"Secrets Manager, {operation}: {error}") from error
