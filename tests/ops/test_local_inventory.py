"""The table of what stands behind the resources, and how a shell is pointed at them."""

import io
import subprocess
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from rich.console import Console

from ops.local import inventory
from ops.local.hints import shell_script
from ops.local.inventory import Kind, kind_of
from ops.local.stacks import StackRef
from ops.local.state import TOOLS, Running
from tests.synthesis import environment

CLASSES = {
    "AWS::S3::Bucket": {"provider": "native", "metadata_only": False},
    "AWS::RDS::DBInstance": {"provider": "native", "metadata_only": True},
    "AWS::GuardDuty::Detector": {"provider": "moto", "metadata_only": True},
    "AWS::Macie::Session": {"provider": "stand-in", "metadata_only": True},
}


@pytest.mark.parametrize(
    ("resource_type", "kind"),
    [
        ("AWS::S3::Bucket", Kind.REAL),
        ("AWS::RDS::DBInstance", Kind.METADATA),
        ("AWS::GuardDuty::Detector", Kind.METADATA),
        ("AWS::Macie::Session", Kind.STAND_IN),
        ("Custom::S3AutoDeleteObjects", Kind.REAL),
    ],
)
def test_a_type_is_what_the_local_aws_says_of_it(resource_type: str, kind: Kind) -> None:
    assert kind_of(resource_type, CLASSES) == kind


def test_the_table_has_a_row_for_each_stack_of_each_region_and_a_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    resources = {
        StackRef("us-east-1", "Acme-test-Storage-us-east-1"): ["AWS::S3::Bucket", "AWS::S3::Bucket"],
        StackRef("us-west-2", "Acme-test-Storage-us-west-2"): ["AWS::S3::Bucket", "AWS::RDS::DBInstance"],
        StackRef("us-west-2", "Acme-test-Security-us-west-2"): ["AWS::Macie::Session"],
    }

    def resources_of(_target: object, stack: StackRef) -> list[dict[str, str]]:
        return [{"ResourceType": resource_type} for resource_type in resources[stack]]

    monkeypatch.setattr(inventory, "resources_of", resources_of)
    deployment: Any = Mock(stacks=list(resources), environment=environment(), target=Mock(classes=lambda: CLASSES))
    printed = io.StringIO()
    Console(file=printed, width=100).print(inventory.table(deployment))
    rows = [line.strip("│┃ ").split() for line in printed.getvalue().splitlines() if line[:1] in "│┃"]
    cells = [[cell for cell in row if cell not in "│┃"] for row in rows]
    assert cells[1:] == [
        ["us-east-1", "Storage", "2"],
        ["us-west-2", "Storage", "1", "1"],
        ["Security", "1"],
        ["all", "3", "stacks", "3", "1", "1"],
    ]


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash"])
def test_a_shell_that_was_pointed_at_it_can_reach_nothing_else(tmp_path: Path, shell: str) -> None:
    running = Running(
        pid=1,
        started="",
        endpoint="http://127.0.0.1:4599",
        environment="local",
        account="000000000000",
        enforce_iam=False,
    )
    script = tmp_path / "env"
    script.write_text(shell_script(running, "us-west-2"), encoding="utf-8")
    before = {
        "PATH": "/usr/bin:/bin",
        "AWS_PROFILE": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL_S3": "https://real",
        "CDK_DEFAULT_ACCOUNT": "123456789012",
        "NO_PROXY": "intranet",
        "EDITOR": "vi",
    }
    answer = subprocess.run([shell, "-c", f". {script}; env"], env=before, capture_output=True, text=True, check=True)
    after = dict(line.split("=", 1) for line in answer.stdout.splitlines())
    assert after["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4599"
    assert (after["AWS_ACCESS_KEY_ID"], after["AWS_REGION"]) == ("000000000000", "us-west-2")
    assert set(before) - set(after) == {
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL_S3",
        "CDK_DEFAULT_ACCOUNT",
    }
    assert after["NO_PROXY"].endswith(",intranet")
    assert after["EDITOR"] == "vi"
    assert after["PATH"].split(":")[: len(TOOLS)] == [str(tool) for tool in TOOLS]
