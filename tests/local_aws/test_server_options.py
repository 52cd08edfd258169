"""What a server does beyond AWS's own interfaces: idle functions end, unread properties are told."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws import ports
from local_aws.process import LocalAws
from local_aws.settings import Settings
from tests.local_aws.added_types import ACCOUNT, REGION, SUBJECT, att, role
from tests.local_aws.stacks import stack, until


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """A server that ends idle functions soon and tracks properties."""
    settings = Settings(track_properties=True, idle_function_seconds=0.5)
    log = tmp_path_factory.mktemp("options") / "log"
    with LocalAws(account=ACCOUNT, log_file=log, settings=settings) as running:
        yield running


def alive(pid: int) -> bool:
    stated = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(stated.strip()) and not stated.startswith("Z")


def test_the_process_of_a_function_that_has_nothing_to_do_ends(server: LocalAws) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": att("Role"),
            "Code": {"ZipFile": "import os\ndef handler(event, context): return os.getpid()"},
        },
    }
    with stack(server, REGION, {"Role": role("lambda"), SUBJECT: function}) as made:
        invoke = server.client("lambda", REGION).invoke
        first = json.load(invoke(FunctionName=made.ids[SUBJECT])["Payload"])
        until(lambda: not alive(first), "the end of an idle function")
        second = json.load(invoke(FunctionName=made.ids[SUBJECT])["Payload"])
        assert second != first


def test_a_property_that_nothing_reads_is_told(server: LocalAws) -> None:
    group = {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": "mysql8.0", "Description": "own"}}
    unread = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "tracked", "AccelerateConfiguration": {}}}
    with stack(server, REGION, {SUBJECT: unread, "Group": group}):
        told = page(server, "unread-properties")
    assert told["AWS::S3::Bucket"]["AccelerateConfiguration"] == 1
    assert "BucketName" not in told["AWS::S3::Bucket"]
    assert "Family" not in told.get("AWS::RDS::DBParameterGroup", {})


def page(server: LocalAws, name: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server.endpoint}/_local_aws/{name}", timeout=5) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def test_settings_are_the_same_after_a_command_line(tmp_path: Path) -> None:
    from local_aws.settings import parse

    for folder in ("state", "modules"):
        (tmp_path / folder).mkdir()
    given = Settings(
        port=4599,
        enforce_iam=True,
        state_dir=tmp_path / "state",
        log_file=tmp_path / "log",
        account=ACCOUNT,
        node_modules=tmp_path / "modules",
        custom_resource_seconds=7,
        idle_function_seconds=1.5,
        stop_with_stdin=True,
        track_properties=True,
    )
    assert parse(given.arguments()) == given
    assert parse(Settings().arguments()) == Settings()


def test_a_holder_is_found_without_proc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lsof = tmp_path / "lsof"
    lsof.write_text("#!/bin/sh\nprintf 'p4711\\ncpostgres\\nf5\\n'\n", encoding="utf-8")
    lsof.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda _: str(lsof))
    assert ports._from_lsof(4566) == ports.Holder(4711, "postgres")
    lsof.write_text("#!/bin/sh\n", encoding="utf-8")
    assert ports._from_lsof(4566) is None
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert ports._from_lsof(4566) is None


def test_nobody_holds_a_port_that_is_free() -> None:
    assert ports.holder(ports.free_port()) is None
