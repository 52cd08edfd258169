"""The application as its hosts get it: one archive, or the command of a container, on Python 3.9 and newer."""

import ast
import os
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from application import packaging
from tests.application.conftest import Start
from tests.application.harness import PROJECT, REGION

_SOURCES = sorted((PROJECT / "application").glob("*.py"))
# What Python 3.10 added to the standard library (https://docs.python.org/3/whatsnew/3.10.html) and to its arguments;
# the type checker, whose oldest target is 3.10, holds off what came later.
_NEW_IN_3_10 = frozenset(
    [
        "aclosing",
        "aiter",
        "anext",
        "bit_count",
        "Concatenate",
        "correlation",
        "covariance",
        "EllipsisType",
        "EncodingWarning",
        "get_annotations",
        "hardlink_to",
        "KW_ONLY",
        "linear_regression",
        "NoneType",
        "NotImplementedType",
        "orig_argv",
        "pairwise",
        "ParamSpec",
        "stdlib_module_names",
        "text_encoding",
        "TypeAlias",
        "TypeGuard",
        "UnionType",
    ]
)
_ARGUMENTS_NEW_IN_3_10 = frozenset({"kw_only", "match_args", "slots", "strict"})
# Runs a script, and forbids it to open anything for writing but what is in memory.
_READ_ONLY = """
import os, sys
def watch(event, arguments):
    changes = {"os.mkdir", "os.remove", "os.rename", "os.symlink", "os.link", "os.truncate"}
    flags = arguments[2] if event == "open" and isinstance(arguments[0], (str, bytes)) else 0
    if event in changes or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        print("written:", event, arguments, file=sys.stderr)
        os._exit(99)
sys.addaudithook(watch)
exec(sys.argv.pop(1))
"""


def _python_3_9() -> str:
    """An interpreter of the oldest version the application runs on: Amazon Linux 2023's own."""
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.9.*/bin/python3.9"))
    for candidate in (shutil.which("python3.9"), *map(str, pyenv)):
        if candidate and subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    pytest.skip("there is no Python 3.9 on this machine; the checks of the source below still hold it to 3.9")


@pytest.fixture(params=["this Python", "Python 3.9"])
def python(request: pytest.FixtureRequest) -> str:
    return sys.executable if request.param == "this Python" else _python_3_9()


def test_the_archive_runs_from_anywhere_without_the_source(start: Start, tmp_path: Path, python: str) -> None:
    (tmp_path / "application.pyz").write_bytes(packaging.archive())
    application = start(command=["env", "-C", "/", python, "-I", str(tmp_path / "application.pyz")])

    assert application.request("/").json()["region"] == REGION
    assert application.request("/health/deep").status == 200
    application.terminate()
    assert application.exit_code() == 0
    assert application.errors() == ""


def test_a_container_runs_its_command_without_writing_a_file(start: Start, python: str) -> None:
    name, *arguments, script = packaging.container_command()
    assert [name, *arguments] == ["python3", "-c"]
    application = start(command=["env", "-C", "/", python, "-I", "-S", "-c", _READ_ONLY, script])

    assert application.request("/health").status == 200
    application.terminate()
    assert application.exit_code() == 0
    assert application.errors() == ""


def test_the_container_command_leaves_room_in_a_task_definition() -> None:
    assert sum(map(len, packaging.container_command())) < 48 * 1024


def test_the_same_source_gives_the_same_archive() -> None:
    assert packaging.archive() == packaging.archive()
    assert packaging.container_command() == packaging.container_command()


def test_the_archive_holds_the_whole_package_and_nothing_that_only_the_build_needs() -> None:
    names = set(zipfile.ZipFile(BytesIO(packaging.archive())).namelist())

    expected = {f"application/{path.name}" for path in _SOURCES if path.name != "packaging.py"}
    assert names == {"__main__.py", *expected}


@pytest.mark.parametrize("path", _SOURCES, ids=lambda path: path.name)
def test_the_source_is_python_3_9(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=(3, 9))

    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            used |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            used.add(node.module or "")
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    assert used & _NEW_IN_3_10 == set()
    assert arguments & _ARGUMENTS_NEW_IN_3_10 == set()
    assert not any(isinstance(node, ast.Match | ast.TryStar) for node in ast.walk(tree))


@pytest.mark.parametrize("path", _SOURCES, ids=lambda path: path.name)
def test_nothing_but_the_standard_library_is_imported(path: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])

    assert imported <= {*sys.stdlib_module_names, "application"}


def test_no_api_newer_than_python_3_10_is_used() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--python-version", "3.10", "application"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
