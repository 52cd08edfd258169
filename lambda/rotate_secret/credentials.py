"""The JSON structure of an RDS secret, read with care.

Source of the structure: AWS Secrets Manager user guide, "JSON structure of AWS Secrets Manager secrets",
Amazon RDS MySQL and MariaDB.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from rotate_secret.failures import MalformedSecretError

ENGINES = frozenset({"mysql", "mariadb"})
DEFAULT_PORT = 3306


@dataclass(frozen=True)
class Credentials:
    """One version of the secret: where the database is, who logs in, and with which password.

    Neither the password nor the document it came from shows in ``repr``.
    """

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    dbname: str | None
    document: Mapping[str, object] = field(repr=False)

    @classmethod
    def from_json(cls, text: str) -> Credentials:
        """Read the secret's string.

        Keys without a meaning here (``dbInstanceIdentifier``, an adopter's own) are kept as they are.

        Raises:
            MalformedSecretError: every rule that the value breaks, without quoting any of it.
        """
        try:
            document = json.loads(text)
        except ValueError:
            # The parser's own exception carries the whole document.
            raise MalformedSecretError("the secret's value is not JSON") from None
        if not isinstance(document, dict):
            raise MalformedSecretError("the secret's value is not a JSON object")
        mistakes = [
            f"{key} must be a text that is not empty"
            for key in ("host", "username", "password")
            if not _is_text(document.get(key))
        ]
        if document.get("engine") not in ENGINES:
            mistakes.append(f"engine must be one of {', '.join(sorted(ENGINES))}")
        port = _port(document.get("port", DEFAULT_PORT))
        if port is None:
            mistakes.append("port must be a whole number from 1 to 65535")
        dbname = document.get("dbname") or None
        if dbname is not None and not _is_text(dbname):
            mistakes.append("dbname must be a text")
        if mistakes or port is None:
            raise MalformedSecretError(f"the secret's value is not that of an RDS secret: {'; '.join(mistakes)}")
        return cls(
            host=document["host"],
            port=port,
            username=document["username"],
            password=document["password"],
            dbname=dbname,
            document=document,
        )

    def with_password(self, password: str) -> Credentials:
        """Give the same account another password."""
        return Credentials(
            host=self.host,
            port=self.port,
            username=self.username,
            password=password,
            dbname=self.dbname,
            document={**self.document, "password": password},
        )

    def to_json(self) -> str:
        """Write the secret's string, every key of the original document included."""
        return json.dumps(self.document)

    def is_same_account_as(self, other: Credentials) -> bool:
        """Tell whether both log in as the same user at the same server."""
        return (self.host.lower(), self.port, self.username) == (other.host.lower(), other.port, other.username)


def _is_text(value: object) -> bool:
    """Tell whether the value is a text that a database connection can carry (no lone surrogates)."""
    if not isinstance(value, str) or not value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _port(value: object) -> int | None:
    """Read a port: the attachment of a secret writes a number, older tools write a text."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    try:
        port = int(value)
    except ValueError:
        return None
    return port if 1 <= port <= 65535 else None
