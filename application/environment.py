"""Typed reading of environment variables that collects every mistake instead of stopping at the first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A variable that cannot be used, with its value and the rule it breaks."""

    name: str
    value: str
    rule: str

    def __str__(self) -> str:
        """One line for the person who set the variable."""
        return f"{self.name}={self.value!r}: {self.rule}" if self.value else f"{self.name} is not set: {self.rule}"


class SettingsError(Exception):
    """The environment holds at least one mistake; ``problems`` has them all."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Form:
    """The form of a text value: a pattern for all of it, and the same said in words."""

    pattern: str
    rule: str


class EnvironmentReader:
    """Reads variables by their rules. A variable that is empty counts as not set.

    A mistake is added to ``problems`` and the default is returned, so that reading can go on.
    ``names`` holds every variable that was asked for.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.problems: list[Problem] = []
        self.names: list[str] = []

    def refuse(self, name: str, rule: str) -> None:
        """Report ``name`` with the value it has."""
        self.problems.append(Problem(name, self._environment.get(name, ""), rule))

    def text(self, name: str, form: Form, *, default: str = "", required: bool = False) -> str:
        """The value of ``name``; where it is not set, ``default``, or a problem if it is required."""
        value = self._value(name)
        if not value:
            if required:
                self.refuse(name, form.rule)
            return default
        if not re.fullmatch(form.pattern, value):
            self.refuse(name, form.rule)
            return default
        return value

    def whole(self, name: str, *, default: int, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._value(name)
        if not value:
            return default
        if not re.fullmatch("[0-9]{1,9}", value) or not low <= int(value) <= high:
            self.refuse(name, f"must be a whole number from {low} to {high}")
            return default
        return int(value)

    def seconds(self, name: str, *, default: float, low: float, high: float) -> float:
        """A time in seconds from ``low`` to ``high``."""
        value = self._value(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value) or not low <= float(value) <= high:
            self.refuse(name, f"must be a number of seconds from {low:g} to {high:g}")
            return default
        return float(value)

    def switch(self, name: str) -> bool:
        """``true`` or ``false``; false where it is not set."""
        return self.text(name, Form("true|false", "must be true or false"), default="false") == "true"

    def _value(self, name: str) -> str:
        self.names.append(name)
        return self._environment.get(name, "")
