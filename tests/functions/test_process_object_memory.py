"""Memory does not grow with the object: a large one fits into the function's 256 MiB like a small one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FUNCTION_MIB = 256


@pytest.mark.parametrize(("kind", "mib"), [("csv", 48), ("json", 48), ("txt", 200)])
def test_a_large_object_takes_no_more_memory_than_its_beginning(kind: str, mib: int) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROJECT / "tests" / "functions" / "large_object.py"), kind, str(mib)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT / "lambda")},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    measured = json.loads(ended.stdout)
    assert measured["size"] > 0.99 * mib * 1024 * 1024
    assert measured["uploaded"] > 0.8 * measured["size"]
    assert measured["peak_mib_after_20_mib"] > 0
    assert measured["peak_mib"] - measured["peak_mib_after_20_mib"] < 4
    assert measured["peak_mib"] < FUNCTION_MIB / 2
