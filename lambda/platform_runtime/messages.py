"""JSON messages taken apart: every part that is missing or of another kind is named."""

from __future__ import annotations

import json
from typing import Any

from platform_runtime.herald import MalformedMessageError

Part = dict[str, Any]


def read_message(body: str) -> Part:
    """The JSON object that ``body`` holds; raises :class:`MalformedMessageError` for anything else."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedMessageError(f"the message is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise MalformedMessageError("the message is no JSON object")
    return message


def part_of(whole: Part, name: str) -> Part:
    """A member that is an object itself; empty where there is none."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def text_of(whole: Part, name: str) -> str | None:
    """A member that is a text with something in it, or None."""
    text = whole.get(name)
    return text if isinstance(text, str) and text.strip() else None


def required_text(whole: Part, name: str) -> str:
    """A member that must be there; raises :class:`MalformedMessageError`."""
    text = text_of(whole, name)
    if text is None:
        raise MalformedMessageError(f"the message has no text {name!r}")
    return text


def as_lines(rows: list[tuple[str, str | None]]) -> str:
    """Labelled lines for people; a row without a value is left out."""
    return "\n".join(f"{label + ':':<10} {value}" for label, value in rows if value)
