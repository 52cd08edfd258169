"""What the environment decides about the function, validated before the first event."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CA_BUNDLE = "DATABASE_CA_BUNDLE"
EXCLUDED_CHARACTERS = "EXCLUDE_CHARACTERS"

# What RDS refuses in a master password (API reference, ModifyDBInstance, MasterUserPassword) and the space.
RDS_EXCLUDED_CHARACTERS = '/@" '
# Quotes and backslashes are safe here, but seldom in the shells and connection strings of those who read the secret.
DEFAULT_EXCLUDED_CHARACTERS = RDS_EXCLUDED_CHARACTERS + "'\\"

_ARCHIVE = Path(__file__).resolve().parents[1]


class ConfigurationError(Exception):
    """The environment breaks these rules; the function can't start."""


@dataclass(frozen=True)
class Settings:
    """``tls`` verifies certificate and host name of the database; generated passwords lack ``excluded_characters``."""

    tls: ssl.SSLContext
    excluded_characters: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the function's variables.

        ``DATABASE_CA_BUNDLE``: path of a PEM file with the certificate authorities that may vouch for the database,
        from the root of the function's archive if it is relative; without it those of the operating system may.
        There is no way to switch the verification off.
        ``EXCLUDE_CHARACTERS``: printable ASCII characters that no password gets, at least those that RDS refuses.

        Raises:
            ConfigurationError: every rule that is broken, with the variable and its value.
        """
        mistakes = []
        tls = None
        bundle = environment.get(CA_BUNDLE)
        try:
            tls = verifying_context(str(_ARCHIVE / bundle) if bundle is not None else None)
        except OSError as error:
            mistakes.append(f"{CA_BUNDLE}={bundle!r} is not a readable PEM file with certificates: {error}")
        excluded = environment.get(EXCLUDED_CHARACTERS, DEFAULT_EXCLUDED_CHARACTERS)
        if not (excluded.isascii() and excluded.isprintable()):
            mistakes.append(f"{EXCLUDED_CHARACTERS}={excluded!r} must consist of printable ASCII characters")
        missing = "".join(sorted(set(RDS_EXCLUDED_CHARACTERS) - set(excluded)))
        if missing:
            mistakes.append(f"{EXCLUDED_CHARACTERS}={excluded!r} must contain {missing!r} too: RDS refuses them")
        if mistakes or tls is None:
            raise ConfigurationError("; ".join(mistakes))
        return cls(tls=tls, excluded_characters=excluded)


def verifying_context(bundle: str | None) -> ssl.SSLContext:
    """Trust the authorities in the file, or those of the operating system; at least TLS 1.2, host name checked.

    Raises:
        OSError: the file can't be read or holds no certificate (``ssl.SSLError`` is an ``OSError``).
    """
    if bundle is not None and not Path(bundle).is_file():
        raise FileNotFoundError("no such file")
    context = ssl.create_default_context(cafile=bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Python 3.13 asks for the RFC 5280 profile to the letter, which authorities made for databases often miss
    # (https://github.com/python/cpython/issues/107361). Chain, expiry and host name are verified all the same.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
