"""Reads the arguments of a command and reports every mistake in them at once."""

import argparse
import re
import urllib.parse
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from configuration.partition import regions

T = TypeVar("T")


class WrongArgumentsError(Exception):
    """The arguments are wrong; each line of the text names one, its value and the rule."""


class Arguments:
    """The texts of the command line, turned into values one by one; :meth:`done` reports all that could not be."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        self._texts = vars(parsed)
        self._problems: list[str] = []

    def value(self, name: str, convert: Callable[[str], T]) -> T | None:
        """The value of ``--name``, or None where it is wrong. ``convert`` raises ValueError with the rule."""
        text: str | None = self._texts[name.replace("-", "_")]
        if text is None:
            self._problems.append(f"--{name} is required")
            return None
        try:
            return convert(text)
        except ValueError as error:
            self._problems.append(f"--{name} {text}: {error}")
            return None

    def done(self) -> None:
        """Nothing more is read.

        Raises:
            WrongArgumentsError: something that was read is wrong.
        """
        if self._problems:
            raise WrongArgumentsError("\n".join(self._problems))


def region(text: str) -> str:
    """The code of an AWS region."""
    if text not in regions():
        raise ValueError("is not an AWS region")
    return text


def several_regions(text: str) -> list[str]:
    """Regions with commas between them."""
    return [region(part) for part in text.split(",")]


def prefix(text: str) -> str:
    """How the names begin that are meant."""
    if not re.fullmatch(r"[A-Za-z0-9-]+-", text):
        raise ValueError(
            "must be letters, digits and hyphens, with a hyphen at the end, or it would fit other names too"
        )
    return text


def moment(text: str) -> datetime:
    """A time with its zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no time; write it like 2026-01-31T13:45:00Z") from None
    if found.tzinfo is None:
        raise ValueError("has no zone; write it like 2026-01-31T13:45:00Z")
    return found


def number(least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number between two."""

    def convert(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return convert


def choice(*options: str) -> Callable[[str], str]:
    """Reads one of a few words."""

    def convert(text: str) -> str:
        if text not in options:
            raise ValueError(f"must be one of {', '.join(options)}")
        return text

    return convert


def https_url(text: str) -> str:
    """An address that begins with https and names a host."""
    parts = urllib.parse.urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("must begin with https:// and name a host")
    return text
