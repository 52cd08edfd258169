"""Environment variables, validated once at the start, every mistake reported together."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

REGION = r"[a-z]{2}(-[a-z]+)+-\d"
EVENT_SOURCE = r"(?!aws\.)[A-Za-z0-9._-]{1,256}"
BUCKET_NAME = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
TABLE_NAME = r"[A-Za-z0-9_.-]{3,255}"
TOPIC_ARN = r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}"
QUEUE_URL = r"https?://[^\s/]+/(?:[^\s/]+/)?[A-Za-z0-9_-]{1,80}"

_Value = TypeVar("_Value")
_SHOWN_CHARACTERS = 60


class InvalidEnvironmentError(Exception):
    """The function cannot start: ``problems`` holds one sentence for each variable that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("the function's environment is wrong: " + "; ".join(problems))
        self.problems = problems


class Variables:
    """Reads variables and collects what is wrong with them until :meth:`verify` is called.

    A variable that is missing or wrong reads as an empty text or zero, so that all of them are looked at:
    nothing that was read may be used before :meth:`verify` has passed.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def text(self, name: str, *, pattern: str = r".+", rule: str = "a text that is not empty") -> str:
        """A variable whose whole value matches the regular expression ``pattern``; ``rule`` says so in words."""
        return self._read(name, rule, lambda value: value if re.fullmatch(pattern, value) else None) or ""

    def whole_number(self, name: str, *, at_least: int, at_most: int) -> int:
        """A variable that holds a whole number in decimal digits, both bounds included."""

        def parse(value: str) -> int | None:
            if not re.fullmatch(r"[0-9]{1,18}", value):
                return None
            return int(value) if at_least <= int(value) <= at_most else None

        return self._read(name, f"a whole number from {at_least} to {at_most}", parse) or 0

    def one_of(self, name: str, *choices: str) -> str:
        """A variable that holds one of ``choices``, letter for letter."""
        rule = f"one of {', '.join(choices)}"
        return self._read(name, rule, lambda value: value if value in choices else None) or ""

    def verify(self) -> None:
        """Raise :class:`InvalidEnvironmentError` if anything that was read is missing or wrong."""
        if self._problems:
            raise InvalidEnvironmentError(self._problems)

    def _read(self, name: str, rule: str, parse: Callable[[str], _Value | None]) -> _Value | None:
        text = self._environ.get(name)
        if text is None:
            self._problems.append(f"{name} is missing, it must be {rule}")
            return None
        value = parse(text)
        if value is None:
            self._problems.append(f"{name} is {text[:_SHOWN_CHARACTERS]!r}, it must be {rule}")
        return value
