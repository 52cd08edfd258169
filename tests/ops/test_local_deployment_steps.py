"""The CDK CLI as `make local` runs it: its arguments, its environment, its progress and its failures."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from ops.local import deployment
from ops.local.deployment import Deployment, StepFailedError
from ops.local.progress import Step
from ops.local.stacks import StackRef, stacks_of
from ops.local.state import TOOLS, State
from ops.local.target import Target
from tests.synthesis import environment, synthesise

ENDPOINT = "http://127.0.0.1:1"
TELL = """
import json, os, pathlib, sys
log = pathlib.Path(__file__).with_name("calls.json")
calls = json.loads(log.read_text()) if log.exists() else []
log.write_text(json.dumps([*calls, {"arguments": sys.argv[1:], "environment": dict(os.environ)}]))
"""

# As the CDK CLI 2.1148 writes them.
OUTPUT = """\
Acme-local/Security-us-east-1 (Acme-local-Security-us-east-1): deploying... [1/3]
Acme-local/Security-us-west-2 (Acme-local-Security-us-west-2): deploying... [2/3]
Acme-local-Security-us-east-1 | 1/3 | 8:38:02 AM | CREATE_COMPLETE | AWS::KMS::Key | Acme-local/Security (Key)

✅  Acme-local/Security-us-east-1 (Acme-local-Security-us-east-1)

✅  Acme-local/Security-us-west-2 (Acme-local-Security-us-west-2) (no changes)
CICD-us-east-1 (Acme-local-CICD-us-east-1): deploying... [3/3]

✅  CICD-us-east-1 (Acme-local-CICD-us-east-1)

✨  Total time: 26.71s
"""


class RecordedStep(Step):
    """A step that remembers what it was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.shown: list[str] = []
        super().__init__(Mock(), self.shown.append)

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def deployed(state: State) -> Deployment:
    target = Target(endpoint=ENDPOINT, account="000000000000")
    return Deployment(environment=environment(regions=2), chosen="local", target=target, state=state)


def calls(script: Path) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = json.loads(script.with_name("calls.json").read_text())
    return found


def test_nothing_that_leads_to_a_real_account_reaches_the_cli(
    deployed: Deployment, fake_cdk: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = {
        "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "real-secret",
        "AWS_SESSION_TOKEN": "real-token",
        "AWS_PROFILE": "real-profile",
        "AWS_DEFAULT_PROFILE": "real-default-profile",
        "AWS_CONFIG_FILE": "/real/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/real/credentials",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/real-role",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/real/web-token",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://real-container",
        "AWS_ENDPOINT_URL_S3": "https://real-endpoint",
        "CDK_DEFAULT_ACCOUNT": "123456789012",
    }
    for name, value in real.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(deployment, "stacks_of", lambda _: [])
    script = fake_cdk(TELL)
    deployed.synthesise(RecordedStep())
    deployed.bootstrap(RecordedStep())
    deployed.deploy(RecordedStep())
    deployed.diff(RecordedStep())
    deployed.destroy(RecordedStep())
    assert len(calls(script)) == 5
    for call in calls(script):
        child = call["environment"]
        assert set(real.values()).isdisjoint(child.values())
        assert child["AWS_ENDPOINT_URL"] == ENDPOINT
        assert child["AWS_ACCESS_KEY_ID"] == "000000000000"
        assert child["AWS_CONFIG_FILE"] == child["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull
        assert child["AWS_EC2_METADATA_DISABLED"] == "true"


def test_the_cli_finds_this_projects_tools_first_and_leaves_its_scratch_files_to_be_removed(
    deployed: Deployment, state: State, fake_cdk: Callable[[str], Path]
) -> None:
    script = fake_cdk(TELL)
    deployed.bootstrap(RecordedStep())
    child = calls(script)[0]["environment"]
    assert child["PATH"].split(os.pathsep)[:2] == [str(tool) for tool in TOOLS]
    assert Path(child["TMPDIR"]) == state.scratch
    assert state.scratch in Path(child["CDK_HOME"]).parents


def test_every_region_and_that_of_the_global_services_is_bootstrapped_once(
    state: State, fake_cdk: Callable[[str], Path]
) -> None:
    script = fake_cdk(TELL)
    elsewhere = environment(regions=3).model_copy(update={"regions": environment(regions=3).regions[1:]})
    target = Target(endpoint=ENDPOINT, account="000000000000")
    Deployment(environment=elsewhere, chosen="local", target=target, state=state).bootstrap(RecordedStep())
    asked = [argument for argument in calls(script)[0]["arguments"] if argument.startswith("aws://")]
    assert asked == [f"aws://000000000000/{region}" for region in ("us-west-2", "eu-west-1", "us-east-1")]


def test_progress_tells_of_each_stack_that_changed_and_counts_the_others(
    deployed: Deployment, fake_cdk: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deployment, "stacks_of", lambda _: [StackRef("", str(number)) for number in range(3)])
    fake_cdk(f"print({OUTPUT!r})")
    step = RecordedStep()
    deployed.deploy(step)
    assert step.notes == ["Acme-local-Security-us-east-1", "Acme-local-CICD-us-east-1"]
    assert step.result == "2 stacks changed, 1 without changes"
    assert step.shown[1] == "0 of 3 stacks; Acme-local-Security-us-east-1, Acme-local-Security-us-west-2"
    assert step.shown[-1] == "3 of 3 stacks; "


def test_a_failed_synthesis_shows_the_end_of_its_output_and_where_the_rest_is(
    deployed: Deployment, state: State, fake_cdk: Callable[[str], Path]
) -> None:
    fake_cdk("import sys; print('environments/local.yaml: 1 problem'); sys.exit(1)")
    with pytest.raises(StepFailedError) as failure:
        deployed.synthesise(RecordedStep())
    assert "environments/local.yaml: 1 problem" in str(failure.value)
    assert str(state.log("synth")) in str(failure.value)
    assert "problem" in state.log("synth").read_text()


def test_the_stacks_of_an_assembly_are_those_of_its_stages_too() -> None:
    assembly = synthesise(environment(regions=2))
    assert stacks_of(assembly.directory) == sorted(StackRef(stack.region, stack.name) for stack in assembly.stacks)
