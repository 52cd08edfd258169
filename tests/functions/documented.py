"""Samples that AWS documents, and variations of them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.functions.inputs import JSON_VALUES

_SAMPLES = Path(__file__).parent / "events"
ABSENT = object()


def sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((_SAMPLES / f"{name}.json").read_text())
    return loaded


def varied(document: dict[str, Any], path: str, value: Any) -> str:
    """The document with another value at a path, or without it if the value is :data:`ABSENT`."""
    changed = copy.deepcopy(document)
    *parents, name = path.split("/")
    part = changed
    for parent in parents:
        part = part[parent]
    if value is ABSENT:
        del part[name]
    else:
        part[name] = value
    return json.dumps(changed)


def paths(document: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for name, value in document.items():
        found.append(prefix + name)
        if isinstance(value, dict):
            found += paths(value, f"{prefix}{name}/")
    return found


def mutations(document: dict[str, Any]) -> st.SearchStrategy[str]:
    """The document with anything at all in one place, and texts that are no document."""
    changed = st.builds(varied, st.just(document), st.sampled_from(paths(document)), JSON_VALUES | st.just(ABSENT))
    return changed | st.text() | JSON_VALUES.map(json.dumps)
