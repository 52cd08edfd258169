"""The redrive command: what waits is shown, sent back once, and never lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops import redrive
from ops.redrive import SOURCES, Found, RedriveError, Source
from tests.synthesis import environment

REGION = "us-east-1"
ENVIRONMENT = environment(regions=1)
MESSAGES = 23


def client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "000000000000")
    with mock_aws():
        yield


def queue(name: str) -> str:
    url: str = client("sqs", REGION).create_queue(QueueName=name)["QueueUrl"]
    return url


def bodies(url: str) -> list[str]:
    found: list[str] = []
    while messages := client("sqs", REGION).receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [message["Body"] for message in messages]
    return found


def put(url: str, *texts: str, **attributes: str) -> None:
    for text in texts:
        client("sqs", REGION).send_message(
            QueueUrl=url,
            MessageBody=text,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )


def waiting(source: Source = SOURCES[0]) -> Found:
    destination = queue("destination") if source.destination else None
    return Found(REGION, source, queue("dead-letters"), destination, MESSAGES)


@pytest.mark.usefixtures("aws")
def test_every_message_is_sent_back_once_and_progress_is_told() -> None:
    found = waiting()
    texts = [f"message {number}" for number in range(MESSAGES)]
    put(found.url, *texts)
    told: list[int] = []
    assert redrive.redrive(found, client, progress=told.append) == MESSAGES
    assert told == list(range(1, MESSAGES + 1))
    assert sorted(bodies(found.destination or "")) == sorted(texts)
    assert bodies(found.url) == []


@pytest.mark.usefixtures("aws")
def test_an_error_in_the_middle_loses_nothing_and_the_next_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    found = waiting()
    put(found.url, *(f"message {number}" for number in range(5)))
    send = redrive._send
    sent: list[str] = []

    def failing(found: Found, clients: redrive.Clients, message: dict[str, Any]) -> None:
        if len(sent) == 3:
            raise ConnectionError("no route")
        sent.append(message["Body"])
        send(found, clients, message)

    monkeypatch.setattr(redrive, "_send", failing)
    monkeypatch.setattr(redrive, "_HIDDEN_SECONDS", 0)
    with pytest.raises(ConnectionError):
        redrive.redrive(found, client, progress=lambda _: None)
    monkeypatch.setattr(redrive, "_send", send)
    assert redrive.redrive(found, client, progress=lambda _: None) == 2
    assert sorted(bodies(found.destination or "")) == [f"message {number}" for number in range(5)]


@pytest.mark.usefixtures("aws")
def test_what_comes_back_meanwhile_is_left_for_later() -> None:
    found = waiting()
    put(found.url, "old")

    def failed_again(_: int) -> None:
        import time

        time.sleep(0.01)  # the message's time has to differ from the command's, both in milliseconds
        put(found.url, "failed again")

    assert redrive.redrive(found, client, progress=failed_again) == 1
    assert bodies(found.url) == ["failed again"]


@pytest.mark.usefixtures("aws")
def test_undelivered_events_go_to_the_target_they_were_meant_for() -> None:
    found = waiting(SOURCES[1])
    reader, meant = queue("reader"), queue("meant")
    topic = client("sns", REGION).create_topic(Name="topic")["TopicArn"]
    arn = client("sqs", REGION).get_queue_attributes(QueueUrl=reader, AttributeNames=["QueueArn"])
    client("sns", REGION).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    put(found.url, "to the topic", TARGET_ARN=topic)
    put(found.url, "to the queue", TARGET_ARN=f"arn:aws:sqs:{REGION}:000000000000:meant")
    assert redrive.redrive(found, client, progress=lambda _: None) == 2
    assert [json.loads(body)["Message"] for body in bodies(reader)] == ["to the topic"]
    assert bodies(meant) == ["to the queue"]


@pytest.mark.usefixtures("aws")
def test_an_event_without_a_target_stops_the_command_and_stays() -> None:
    found = waiting(SOURCES[1])
    put(found.url, "to nobody")
    with pytest.raises(RedriveError, match="names no topic or queue"):
        redrive.redrive(found, client, progress=lambda _: None)
    attributes = client("sqs", REGION).get_queue_attributes(QueueUrl=found.url, AttributeNames=["All"])["Attributes"]
    assert int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])


@pytest.fixture
def platform_queues(aws: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    urls = {}
    for source in SOURCES:
        for logical_id in filter(None, [source.dead_letters, source.destination]):
            urls[f"{logical_id}0A1B2C3D"] = queue(logical_id)
    monkeypatch.setattr(redrive, "_queues", lambda *_: urls)
    return urls


def test_without_yes_it_shows_what_waits_with_its_reason_and_moves_nothing(
    platform_queues: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    dead_letters = platform_queues["ObjectProcessorDeadLetters0A1B2C3D"]
    refused = {"detail": {"object": {"key": "a.csv"}, "reason": {"code": "RAGGED_ROW", "message": "line 3"}}}
    put(dead_letters, json.dumps(refused))
    put(platform_queues["AlarmProcessorMessagesDeadLetters0A1B2C3D"], "no alarm", reason="the message is not JSON")
    regions, names = [REGION], [source.name for source in SOURCES]
    assert redrive.run(ENVIRONMENT, client, regions=regions, names=names, act=False) == 2
    shown = capsys.readouterr().out
    assert "us-east-1 objects: 1 waiting\n  RAGGED_ROW, line 3: {" in shown
    assert "us-east-1 alarms: 1 waiting\n  the message is not JSON: no alarm" in shown
    assert "us-east-1 undelivered: 0 waiting" in shown


def test_only_the_queue_that_is_named_is_redriven(
    platform_queues: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("ObjectProcessorDeadLetters0A1B2C3D", "AlarmProcessorMessagesDeadLetters0A1B2C3D"):
        put(platform_queues[name], name)
    assert redrive.run(ENVIRONMENT, client, regions=[REGION], names=["alarms"], act=True) == 1
    assert "us-east-1 alarms: 1 sent back" in capsys.readouterr().out
    assert bodies(platform_queues["AlarmProcessorMessagesQueue0A1B2C3D"])
    assert bodies(platform_queues["ObjectProcessorDeadLetters0A1B2C3D"])


@pytest.mark.usefixtures("aws")
def test_credentials_of_another_account_are_refused() -> None:
    other = environment(regions=1, account="999999999999")
    with pytest.raises(RedriveError, match="belong to account"):
        redrive.run(other, client, regions=[REGION], names=[], act=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--environment", "nowhere"], "there are dev, local"),
        (["--environment", "dev", "--region", "eu-north-1"], "dev has no region eu-north-1; it has us-east-1"),
    ],
)
def test_a_mistake_is_a_sentence_and_no_traceback(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert redrive.main(arguments) == 1
    assert words in capsys.readouterr().err
