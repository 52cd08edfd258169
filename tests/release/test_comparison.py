"""What changes between two assemblies, by the real CDK CLI and without credentials."""

import json
import shutil
from pathlib import Path

import pytest

from ops.release import comparison
from ops.release.comparison import compared
from tests.cicd.reading import released

BUCKET = "AWS::S3::Bucket"


@pytest.fixture
def copies(tmp_path: Path) -> tuple[Path, Path]:
    """The same assembly twice, to be changed."""
    source = released(regions=1).directory
    return tuple(Path(shutil.copytree(source, tmp_path / side)) for side in ("before", "after"))  # type: ignore[return-value]


def test_the_same_assembly_changes_nothing(copies: tuple[Path, Path]) -> None:
    assert compared(*copies, title="test") == "## test: 0 stacks change, 0 are new, 0 go\n"


def test_a_change_is_shown_below_its_stack(copies: tuple[Path, Path]) -> None:
    before, after = copies
    path = next(after.rglob("*Storage*.template.json"))
    template = json.loads(path.read_text())
    template["Resources"]["Added"] = {"Type": "AWS::SNS::Topic"}
    path.write_text(json.dumps(template))
    text = compared(before, after, title="test")
    assert text.startswith("## test: 1 stacks change, 0 are new, 0 go\n")
    assert "<code>Acme-test-Storage-us-east-1</code>" in text
    assert "[+] AWS::SNS::Topic Added" in text


def test_stacks_that_come_and_go_are_named(copies: tuple[Path, Path]) -> None:
    before, after = copies
    path = after / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["artifacts"] = {
        key: value for key, value in manifest["artifacts"].items() if value["type"] != "aws:cloudformation:stack"
    }
    path.write_text(json.dumps(manifest))
    assert "- goes: `Acme-test-CICD-us-east-1`" in compared(before, after, title="test")
    assert "- new: `Acme-test-CICD-us-east-1`" in compared(after, before, title="test")


def test_what_is_too_long_for_a_comment_is_cut_and_says_so(
    copies: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = copies
    path = next(after.rglob("*Storage*.template.json"))
    template = json.loads(path.read_text())
    template["Resources"] |= {f"Added{number}": {"Type": "AWS::SNS::Topic"} for number in range(40)}
    path.write_text(json.dumps(template))
    monkeypatch.setattr(comparison, "MOST_CHARACTERS", 600)
    text = compared(before, after, title="test")
    assert len(text) < 800
    assert text.rstrip().endswith("the workflow's artifact has it all.")
    assert text.count("```") % 2 == 0
