"""A thousand objects while a dependency fails: with duplicates, out of order, and a redrive; none is lost."""

from __future__ import annotations

import importlib
import json
import random
import sys
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.sqs.models import SQSBackend
from platform_runtime import clients

from ops.redrive import SOURCES, Found, redrive
from tests.functions.pipeline import CLIENTS, PROCESSED, REGION, SOURCE, TABLE, Pipeline, calls_hooked
from tests.functions.sqs_records import record
from tests.lambda_context import Context

pytestmark = pytest.mark.deployment

OBJECTS = 1000
AT_ONCE = 50
ATTEMPTS = 3
GOOD, BAD = b"id,amount\n1,2.50\n", b"a,b\n1\n"
SQS = CLIENTS["sqs"]


class Queues:
    """The queue of the function and its dead letters, as the stack makes them, without waiting times."""

    def __init__(self) -> None:
        self.dead_letters = SQS.create_queue(QueueName="dead-letters")["QueueUrl"]
        policy = {"deadLetterTargetArn": self._arn(self.dead_letters), "maxReceiveCount": str(ATTEMPTS)}
        attributes = {"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(policy)}
        self.queue = SQS.create_queue(QueueName="objects", Attributes=attributes)["QueueUrl"]
        pattern = {"source": [SOURCE], "detail-type": ["Object Rejected", "Object Failed"]}
        CLIENTS["events"].put_rule(Name="refused", EventPattern=json.dumps(pattern))
        CLIENTS["events"].put_targets(Rule="refused", Targets=[{"Id": "dead", "Arn": self._arn(self.dead_letters)}])

    def work_off(self, handler: Any) -> None:
        """What Lambda's poller does: batches, and only what was not reported as failed is deleted."""
        names = ["ApproximateReceiveCount"]
        while True:
            messages = SQS.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10, AttributeNames=names).get(
                "Messages", []
            )
            if not messages:
                return
            records = [
                record(message["Body"], message["MessageId"], int(message["Attributes"]["ApproximateReceiveCount"]))
                for message in messages
            ]
            answer = handler({"Records": records}, Context())
            failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            for message in messages:
                if message["MessageId"] not in failed:
                    SQS.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])

    def waiting(self) -> int:
        name = "ApproximateNumberOfMessages"
        answer = SQS.get_queue_attributes(QueueUrl=self.dead_letters, AttributeNames=[name])
        return int(answer["Attributes"][name])

    def _arn(self, url: str) -> str:
        arn: str = SQS.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return arn


# Measured by the tests of the function's parts; here coverage would treble the time.
@pytest.mark.no_cover
def test_every_one_of_a_thousand_objects_is_accounted_for(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    # moto counts the whole queue again for every message that it hands out.
    monkeypatch.setattr(SQSBackend, "is_message_valid_based_on_retention_period", lambda *_: True)
    for name, value in {
        "AWS_REGION": REGION,
        "PROCESSED_BUCKET": PROCESSED,
        "CATALOGUE_TABLE": TABLE,
        "EVENT_SOURCE": SOURCE,
        "MAX_RECEIVE_COUNT": str(ATTEMPTS),
        "POWERTOOLS_SERVICE_NAME": f"process_object_{uuid.uuid4().hex}",
        "POWERTOOLS_METRICS_NAMESPACE": "Acme/Pipeline",
        "LOG_LEVEL": "CRITICAL",
    }.items():
        monkeypatch.setenv(name, value)
    for service in ("s3", "dynamodb", "events"):
        monkeypatch.setattr(clients, f"{service}_client", partial(CLIENTS.__getitem__, service))
    sys.modules.pop("process_object.handler", None)
    module = importlib.import_module("process_object.handler")
    # With the clock that this test can move: claims run out by it.
    monkeypatch.setattr(module, "_processor", pipeline.processor)
    queues = Queues()

    events = [pipeline.put(f"{number:04}.csv", BAD if number % 10 == 0 else GOOD) for number in range(OBJECTS)]
    sent = events + chance.sample(events, OBJECTS // 10)
    chance.shuffle(sent)

    def fail_often(service: str, operation: str) -> None:
        if service in {"s3", "dynamodb", "events"} and chance.random() < 0.15:
            raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, operation)

    for start in range(0, len(sent), AT_ONCE):
        for event in sent[start : start + AT_ONCE]:
            SQS.send_message(QueueUrl=queues.queue, MessageBody=json.dumps(event))
        with calls_hooked(fail_often):
            queues.work_off(module.handler)
    # The dependency was bad enough for objects to be given up, in both ways, and good enough for others.
    troubled = Counter(pipeline.item(event).get("status") for event in events)
    assert queues.waiting() > OBJECTS // 10
    assert troubled["PROCESSED"] > 0

    # Claims of workers that seem to be alive run out before anybody comes to redrive.
    pipeline.now += 3600
    found = Found(REGION, SOURCES[0], queues.dead_letters, queues.queue, queues.waiting())
    redriven = redrive(found, lambda service, _: CLIENTS[service], progress=lambda _: None)
    queues.work_off(module.handler)

    states = {event["detail"]["object"]["key"]: pipeline.item(event).get("status", "LOST") for event in events}
    assert Counter(states.values()) == {"PROCESSED": OBJECTS * 9 // 10, "REJECTED": OBJECTS // 10}
    assert {key for key, state in states.items() if state == "REJECTED"} == {f"{n:04}.csv" for n in range(0, 1000, 10)}
    assert redriven >= OBJECTS // 10
    told = {event["detail"]["object"]["key"] for event in pipeline.announced()}
    assert told == set(states)
