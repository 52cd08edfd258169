"""The workflows on GitHub: no secret, no more rights than needed, nothing that somebody else can change afterwards."""

import re
from typing import Any

import pytest
import yaml

from tests.synthesis import PROJECT

WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))


def loaded(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((PROJECT / ".github" / name).read_text())
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_and_no_secret_is_used(path: Any) -> None:
    text = path.read_text()
    uses = re.findall(r"uses: (\S+)(.*)", text)
    assert uses
    for action, comment in uses:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+(\.\d+)*", comment), (
            "the version stands beside the commit, for people and Dependabot"
        )
    assert "secrets." not in text
    assert "aws-access-key" not in text.lower()
    assert "id-token" not in text


def test_what_runs_a_requests_code_may_write_nothing() -> None:
    checks = loaded("workflows/checks.yml")
    assert checks["permissions"] == {"contents": "read"}
    # YAML reads the key `on` as true.
    assert set(checks[True]) == {"pull_request", "push"}
    assert all("permissions" not in job for job in checks["jobs"].values())


def test_what_may_comment_runs_nothing_of_a_request() -> None:
    comment = loaded("workflows/comment.yml")
    assert comment["permissions"] == {"actions": "read", "pull-requests": "write"}
    (job,) = comment["jobs"].values()
    assert not any("checkout" in step.get("uses", "") for step in job["steps"])
    assert loaded("workflows/checks.yml")["name"] in comment[True]["workflow_run"]["workflows"]


def test_a_request_gets_the_checks_of_the_pipeline() -> None:
    runs = [step.get("run", "") for step in loaded("workflows/checks.yml")["jobs"]["test"]["steps"]]
    assert ".ci/run" in runs


def test_python_npm_and_actions_are_kept_fresh() -> None:
    updates = {update["package-ecosystem"]: update for update in loaded("dependabot.yml")["updates"]}
    assert set(updates) == {"pip", "npm", "github-actions"}
    for update in updates.values():
        for folder in update.get("directories", [update.get("directory")]):
            assert (PROJECT / folder.strip("/")).is_dir()
