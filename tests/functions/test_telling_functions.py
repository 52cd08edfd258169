"""The two functions that tell people, as Lambda calls them: batches, topics, what is set aside."""

from __future__ import annotations

import importlib
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.metrics.provider import cold_start
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws
from platform_runtime import clients
from platform_runtime.environment import InvalidEnvironmentError
from platform_runtime.herald import HeraldSettings
from platform_runtime.topics import MAX_MESSAGE_BYTES, TopicPublisher, as_subject

from tests.functions.documented import sample
from tests.functions.sqs_records import record
from tests.lambda_context import Context

REGION = "eu-west-1"
SERVICES: tuple[Any, ...] = ("sns", "sqs", "cloudtrail")
FUNCTIONS = ("process_alarm", "process_config_change")
CRITICAL = sample("cloudwatch_alarm") | {"AlarmDescription": "Broken.\nSeverity: critical\nRunbook: docs/x.md"}
WARNING = sample("cloudwatch_alarm") | {"AlarmDescription": "Odd.\nSeverity: warning\nRunbook: docs/x.md"}
COMPLIANCE = sample("config_compliance_change")


@dataclass
class Region:
    """Topics whose messages can be read, and the dead-letter queue."""

    variables: dict[str, str]
    queues: dict[str, str]
    aws: dict[str, Any] = field(repr=False)

    def told(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(message["Body"]) for message in self._received(self.queues[topic])]

    def set_aside(self) -> list[dict[str, Any]]:
        return self._received(self.queues["DEAD_LETTERS"])

    def _received(self, url: str) -> list[dict[str, Any]]:
        answer = self.aws["sqs"].receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages


@pytest.fixture
def region(monkeypatch: pytest.MonkeyPatch) -> Iterator[Region]:
    with mock_aws():
        aws: dict[str, Any] = {name: boto3.client(name, region_name=REGION) for name in SERVICES}
        queues = {
            name: aws["sqs"].create_queue(QueueName=name)["QueueUrl"]
            for name in ("ALERT_TOPIC", "NOTIFICATION_TOPIC", "DEAD_LETTERS")
        }
        topics = {}
        for name in ("ALERT_TOPIC", "NOTIFICATION_TOPIC"):
            topics[name] = aws["sns"].create_topic(Name=name)["TopicArn"]
            arn = aws["sqs"].get_queue_attributes(QueueUrl=queues[name], AttributeNames=["QueueArn"])
            aws["sns"].subscribe(TopicArn=topics[name], Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
        variables = {
            "AWS_REGION": REGION,
            **topics,
            "DEAD_LETTERS": queues["DEAD_LETTERS"],
            "POWERTOOLS_SERVICE_NAME": f"telling_{uuid.uuid4().hex}",
            "POWERTOOLS_METRICS_NAMESPACE": "Acme/Pipeline",
            "LOG_LEVEL": "INFO",
        }
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        for name, client in aws.items():
            monkeypatch.setattr(clients, f"{name}_client", lambda client=client: client)
        monkeypatch.setattr(cold_start, "is_cold_start", True)
        for module in ("platform_runtime.telling", *(f"{function}.handler" for function in FUNCTIONS)):
            sys.modules.pop(module, None)
        # No event history in memory: an answer that names nobody.
        monkeypatch.setattr(aws["cloudtrail"], "lookup_events", lambda **_: {"Events": []}, raising=False)
        yield Region(variables, queues, aws)


def invoke(function: str, *records: dict[str, Any]) -> list[str]:
    handler: Callable[..., Any] = importlib.import_module(f"{function}.handler").handler
    answer = handler({"Records": list(records)}, Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_alarms_are_routed_by_severity(region: Region) -> None:
    assert invoke("process_alarm", record(CRITICAL, "1"), record(WARNING, "2")) == []
    (alert,) = region.told("ALERT_TOPIC")
    (notification,) = region.told("NOTIFICATION_TOPIC")
    assert alert["Message"].startswith("Broken.")
    assert alert["MessageAttributes"]["severity"]["Value"] == "critical"
    assert notification["Message"].startswith("Odd.")
    assert notification["Subject"] == "[warning] ALARM: EXAMPLE"


def test_a_broken_rule_is_told_and_a_kept_one_is_not(region: Region) -> None:
    kept = json.loads(json.dumps(COMPLIANCE))
    kept["detail"]["newEvaluationResult"]["complianceType"] = "COMPLIANT"
    assert invoke("process_config_change", record(COMPLIANCE, "1"), record(kept, "2")) == []
    (told,) = region.told("NOTIFICATION_TOPIC")
    assert "breaks the rule cloudtrail-enabled" in told["Message"]
    assert region.told("ALERT_TOPIC") == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_poisonous_message_is_set_aside_with_its_reason_and_holds_nobody_up(function: str, region: Region) -> None:
    good = CRITICAL if function == "process_alarm" else COMPLIANCE
    assert invoke(function, record("no JSON at all", "poison"), record(good, "good")) == []
    (dead,) = region.set_aside()
    assert dead["Body"] == "no JSON at all"
    assert "not JSON" in dead["MessageAttributes"]["reason"]["StringValue"]
    assert len(region.told("ALERT_TOPIC") + region.told("NOTIFICATION_TOPIC")) == 1


def test_a_topic_that_does_not_answer_fails_its_messages_and_no_other(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = region.aws["sns"].publish

    def refusing(**arguments: Any) -> Any:
        if arguments["TopicArn"] == region.variables["ALERT_TOPIC"]:
            raise ConnectionError("no route")
        return publish(**arguments)

    monkeypatch.setattr(region.aws["sns"], "publish", refusing)
    assert invoke("process_alarm", record(CRITICAL, "critical"), record(WARNING, "warning")) == ["critical"]
    assert len(region.told("NOTIFICATION_TOPIC")) == 1
    monkeypatch.undo()
    assert region.set_aside() == []


def test_all_mistakes_in_the_environment_are_reported_at_once() -> None:
    with pytest.raises(InvalidEnvironmentError) as caught:
        HeraldSettings.from_environment({"ALERT_TOPIC": "alerts", "DEAD_LETTERS": "queue", "LOG_LEVEL": "INFO"})
    assert len(caught.value.problems) == 6


@given(st.text())
def test_any_text_can_be_a_subject(text: str) -> None:
    subject = as_subject(text)
    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()
    assert not subject.startswith(" ")


def test_a_message_is_cut_to_what_sns_takes_and_stays_text(region: Region) -> None:
    topic = region.variables["ALERT_TOPIC"]
    TopicPublisher(region.aws["sns"]).publish(topic, subject="s", text="ü" * 200_000, attributes={"severity": "x"})
    (told,) = region.told("ALERT_TOPIC")
    assert MAX_MESSAGE_BYTES - 2 < len(told["Message"].encode()) <= MAX_MESSAGE_BYTES
    assert set(told["Message"]) == {"ü"}
