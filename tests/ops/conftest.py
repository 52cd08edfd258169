"""What the tests of the operator's commands share."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.local import deployment
from ops.local.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    """The state of a checkout of its own."""
    state = State(tmp_path / ".local")
    state.prepare()
    return state


@pytest.fixture
def fake_cdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Replaces the CDK CLI by a Python script of the given text; the script's path is returned."""

    def install(text: str) -> Path:
        script = tmp_path / "cdk"
        script.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
        script.chmod(0o755)
        monkeypatch.setattr(deployment, "CLI", script)
        return script

    return install
