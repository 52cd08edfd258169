"""Hypothesis strategies for what objects hold and how it arrives."""

from __future__ import annotations

import itertools
from typing import Any, TypeVar

from hypothesis import strategies as st

Content = TypeVar("Content", str, bytes)

PLAIN_CHARACTERS = st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(st.text(max_size=6), JSON_VALUES, max_size=4), max_size=6)


@st.composite
def chunked(draw: st.DrawFn, content: Content) -> list[Content]:
    """The content cut into pieces, none of them empty."""
    cuts = sorted(draw(st.sets(st.integers(0, len(content)), max_size=8)) | {0, len(content)})
    return [content[start:end] for start, end in itertools.pairwise(cuts)]


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of the same width, the header first, that no blank line could be mistaken for."""
    width = draw(st.integers(1, 5))
    cell = st.text(PLAIN_CHARACTERS, max_size=8)
    return draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=8))
