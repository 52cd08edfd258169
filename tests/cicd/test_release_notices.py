"""What people hear of releases: the rules' patterns held against the events that AWS documents."""

import json
from typing import Any

import pytest

from tests.cicd.reading import pipeline_of
from tests.synthesis import Assembly, environment, synthesise

EXECUTION = "12345678-1234-5678-abcd-12345678abcd"


def event(kind: str, state: str, **detail: Any) -> dict[str, Any]:
    """An event as documented in the user guide of CodePipeline, "Monitoring CodePipeline events"."""
    return {
        "source": "aws.codepipeline",
        "detail-type": f"CodePipeline {kind} Execution State Change",
        "region": "us-east-1",
        "detail": {
            "pipeline": "Acme-test-Release",
            "execution-id": EXECUTION,
            "state": state,
            "version": 1.0,
            **detail,
        },
    }


def matches(pattern: Any, value: Any) -> bool:
    """Whether a pattern of plain values fits: all of its keys are there, and one value of each list."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and matches(pattern[key], value[key]) for key in pattern)
    return value in pattern


def heard(assembly: Assembly, told: dict[str, Any]) -> list[str]:
    """The texts that an event sends to the notification topic."""
    texts = []
    for rule in pipeline_of(assembly).stack.properties("AWS::Events::Rule"):
        if matches(rule["EventPattern"], told):
            (target,) = rule["Targets"]
            assert target["Arn"] == "arn:aws:sns:us-east-1:000000000000:Acme-test-NotificationTopic"
            transformer = target["InputTransformer"]
            written = str(json.loads(transformer["InputTemplate"]))
            for name, path in transformer["InputPathsMap"].items():
                value: Any = told
                for part in path.removeprefix("$.").split("."):
                    value = value[part]
                written = written.replace(f"<{name}>", str(value))
            texts.append(written)
    return texts


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    return synthesise(environment(regions=1))


def test_a_failed_stage_is_told_in_words(assembly: Assembly) -> None:
    (text,) = heard(assembly, event("Stage", "FAILED", stage="us-east-1"))
    assert text.startswith("A release of Acme-test failed at us-east-1 (pipeline of us-east-1, execution 12345678-")
    assert "docs/runbooks/failed-release.md" in text
    assert "/pipelines/Acme-test-Release/view" in text


@pytest.mark.parametrize("trigger", ["AutomatedRollback", "ManualRollback"])
@pytest.mark.parametrize("state", ["STARTED", "SUCCEEDED", "FAILED"])
def test_a_rollback_is_told_in_words(assembly: Assembly, trigger: str, state: str) -> None:
    trigger_ = {"execution-trigger": {"trigger-type": trigger, "trigger-detail": EXECUTION}}
    (text,) = heard(assembly, event("Pipeline", state, **trigger_))
    assert text.startswith(f"A release of Acme-test is taken back: the rollback has {state} ")


def test_an_approval_that_waits_is_told_in_words(assembly: Assembly) -> None:
    action = {"stage": "Approval", "action": "Approve", "type": {"category": "Approval", "provider": "Manual"}}
    (text,) = heard(assembly, event("Action", "STARTED", **action))
    assert "STARTED: it waits for a person" in text
    assert heard(assembly, event("Action", "FAILED", **action))


@pytest.mark.parametrize(
    "told",
    [
        event("Stage", "SUCCEEDED", stage="Build"),
        event("Pipeline", "STARTED", **{"execution-trigger": {"trigger-type": "WebhookV2"}}),
        event("Action", "STARTED", type={"category": "Build"}),
    ],
)
def test_what_goes_well_is_not_told(assembly: Assembly, told: dict[str, Any]) -> None:
    assert heard(assembly, told) == []


def test_another_pipeline_is_not_told_of(assembly: Assembly) -> None:
    other = event("Stage", "FAILED", stage="Build")
    other["detail"]["pipeline"] = "Acme-prod-Release"
    assert heard(assembly, other) == []
