"""Wrong environment files: every mistake is named at once, with its place, its value and the rule."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from configuration import ConfigurationError, load_environment
from tests.synthesis import PROJECT

BAD_FILES = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


def announced(path: Path) -> list[tuple[str, str]]:
    """The mistakes a file announces: how each begins, and a part of its rule."""
    found = re.findall(r"^# expect: (.+) \| (.+)$", path.read_text(), re.MULTILINE)
    assert found, f"{path.name} announces no mistake"
    return found


def assert_reports(message: str, path: Path) -> None:
    """The message names each announced mistake and no other."""
    expected = announced(path)
    assert f"{len(expected)} problem" in message, message
    for place, rule in expected:
        assert re.search(rf"^  {re.escape(place)}.*\n    .*{re.escape(rule)}", message, re.MULTILINE), message


@pytest.mark.parametrize("path", BAD_FILES, ids=lambda path: path.stem)
def test_every_mistake_is_reported_with_its_place_value_and_rule(path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_environment(str(path))
    assert_reports(str(refused.value), path)


def test_the_real_cli_refuses_bad_files_and_creates_nothing(tmp_path: Path) -> None:
    # Every third: one start of the CLI takes seconds, and what each file is told the test above looks at.
    files = BAD_FILES[::3]

    def synth(path: Path) -> tuple[Path, subprocess.CompletedProcess[str], Path]:
        output = tmp_path / path.stem
        command = ["cdk", "synth", "--quiet", "--no-notices", "-c", f"environment={path}", "-o", str(output)]
        outcome = subprocess.run(command, cwd=PROJECT, env=_environment(), capture_output=True, text=True, check=False)
        return path, outcome, output

    assert len(files) >= 30
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for path, outcome, output in pool.map(synth, files):
            assert outcome.returncode == 1, path.name
            assert_reports(outcome.stderr, path)
            assert "Traceback" not in outcome.stderr, path.name
            assert not list(output.glob("**/*.template.json")), path.name


def test_an_unknown_environment_lists_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="there are dev, local, prod, staging"):
        load_environment("production")


def test_a_missing_file_is_no_traceback() -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/prod\.yaml\n    is no file"):
        load_environment("nowhere/prod.yaml")


def _environment() -> dict[str, str]:
    binaries = f"{PROJECT / '.venv' / 'bin'}{os.pathsep}{PROJECT / 'node_modules' / '.bin'}"
    return os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}", "CDK_DISABLE_CLI_TELEMETRY": "1"}
