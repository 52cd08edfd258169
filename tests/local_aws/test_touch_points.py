"""A guard: what is used of MiniStack and moto beyond their promises is listed, is there, and is pinned."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from local_aws import touch_points
from local_aws.touch_points import NAMES, VERSIONS, UnknownVersionError

PROJECT = Path(__file__).parents[2]
PACKAGES = tuple(VERSIONS)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_name_is_there(package: str) -> None:
    gone = list(touch_points.missing(package))
    assert not gone, f"{package} {metadata.version(package)} no longer has: {', '.join(gone)}"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_version_is_pinned_to_the_known_one(package: str) -> None:
    pins = (PROJECT / "requirements-dev.in").read_text(encoding="utf-8").split()
    pinned = {pin.partition("==")[0].partition("[")[0]: pin.partition("==")[2] for pin in pins if "==" in pin}
    assert pinned[package] == VERSIONS[package]
    touch_points.check(package)


def test_every_name_that_is_used_is_listed() -> None:
    unlisted = sorted(
        f"{path.relative_to(PROJECT)}: {module}.{name}"
        for path in (PROJECT / "local_aws").rglob("*.py")
        for module, name in used_names(path)
        if name not in NAMES.get(module, ())
    )
    assert not unlisted, "not in local_aws/touch_points.py: " + ", ".join(unlisted)


def test_no_name_is_listed_that_nothing_uses() -> None:
    texts = "\n".join(
        path.read_text(encoding="utf-8")
        for path in (PROJECT / "local_aws").rglob("*.py")
        if path.name != "touch_points.py"
    )
    unused = [
        f"{module}.{name}" for module, names in NAMES.items() for name in names if name.split(".")[-1] not in texts
    ]
    assert not unused


def test_another_version_is_refused_with_what_is_different(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda _: "9.9")
    monkeypatch.setitem(NAMES, "ministack.app", ("app", "no_such_name"))
    monkeypatch.setitem(NAMES, "ministack.no_such_module", ("anything",))
    with pytest.raises(UnknownVersionError) as refused:
        touch_points.check("ministack")
    for part in (
        "9.9",
        VERSIONS["ministack"],
        "ministack.app.no_such_name is gone",
        "ministack.no_such_module is gone",
    ):
        assert part in str(refused.value)


def used_names(path: Path) -> Iterator[tuple[str, str]]:
    """Every module and name of MiniStack and moto that a file imports or reaches into."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PACKAGES:
            for imported in node.names:
                module = f"{node.module}.{imported.name}"
                if _is_module(module):
                    modules[imported.asname or imported.name] = module
                else:
                    yield str(node.module), imported.name
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield modules[node.value.id], node.attr


def _is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True
