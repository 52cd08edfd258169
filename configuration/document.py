"""An environment file as it stands, read with tolerance, so that rules work on a file with other mistakes."""

import json
from collections.abc import Iterator
from typing import Any

Location = tuple[str | int, ...]


def spelled(location: Location) -> str:
    """A location as a person writes it: ``regions[1].cidr``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "file"


class Document:
    """The raw values of a file, without those that are known to be wrong in themselves."""

    def __init__(self, raw: Any, *, wrong: set[Location]) -> None:
        """``wrong`` holds the places whose own value broke a rule already."""
        self._raw = raw
        self._wrong = wrong

    def get(self, *location: str | int, default: Any = None) -> Any:
        """The value at a location, or ``default`` where there is none or it is wrong."""
        if any(location[: len(wrong)] == wrong for wrong in self._wrong):
            return default
        value = self._raw
        for part in location:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return default
        return default if value is None else value

    def each(self, *location: str | int) -> Iterator[Location]:
        """The locations of a list's elements."""
        value = self.get(*location, default=())
        if isinstance(value, list):
            yield from ((*location, position) for position in range(len(value)))

    def shown(self, location: Location) -> str | None:
        """The value at a location as text on one line, or None where the file has nothing there."""
        value = self._raw
        for part in location:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError):
                return None
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        return text if len(text) <= 80 else f"{text[:77]}..."
