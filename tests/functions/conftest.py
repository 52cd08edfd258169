"""What the tests of the functions share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.functions.pipeline import Pipeline, pipeline_in_memory


@pytest.fixture
def pipeline() -> Iterator[Pipeline]:
    """Fresh surroundings of the processing function."""
    with pipeline_in_memory() as surroundings:
        yield surroundings
