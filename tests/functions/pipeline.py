"""The surroundings of the processing function in memory: buckets, table, event bus, a clock that tests move."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import boto3
from moto import mock_aws
from platform_runtime.clients import client_config
from platform_runtime.events import EventPublisher
from platform_runtime.objects import ObjectReader, ObjectWriter
from process_object.catalogue import Catalogue
from process_object.processor import Delivery, Processor, Result

REGION = "eu-west-1"
RAW = "raw-data"
PROCESSED = "processed-data"
TABLE = "catalogue"
SOURCE = "acme.test.pipeline"
NOW = 1_780_000_000.0
SERVICES: tuple[Any, ...] = ("s3", "dynamodb", "events", "sqs")
CLIENTS: dict[str, Any] = {
    service: boto3.client(
        service, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x", config=client_config()
    )
    for service in SERVICES
}


class Crash(BaseException):
    """The worker is gone in the middle of its work: nothing may catch this."""


class Pipeline:
    """Puts objects, delivers events, and tells what has become of them."""

    def __init__(self) -> None:
        self.now = NOW
        self.seconds_left = 300.0
        self._sequencers = itertools.count(0x617F08299329D189)
        self._announced: list[dict[str, Any]] = []
        self._queue = _make_surroundings()

    def put(self, key: str, content: bytes) -> dict[str, Any]:
        """Put an object and return the event that S3 would send about it."""
        version = CLIENTS["s3"].put_object(Bucket=RAW, Key=key, Body=content)["VersionId"]
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Object Created",
            "source": "aws.s3",
            "region": REGION,
            "detail": {
                "version": "0",
                "bucket": {"name": RAW},
                "object": {
                    "key": key,
                    "size": len(content),
                    "etag": "b1946ac92492d2347c6235b4d2611184",
                    "version-id": version,
                    "sequencer": f"{next(self._sequencers):X}",
                },
                "reason": "PutObject",
            },
        }

    def processor(self) -> Processor:
        return Processor(
            reader=ObjectReader(CLIENTS["s3"]),
            writer=ObjectWriter(CLIENTS["s3"]),
            catalogue=Catalogue(CLIENTS["dynamodb"], TABLE),
            publisher=EventPublisher(CLIENTS["events"], SOURCE),
            bucket=PROCESSED,
            region=REGION,
            clock=lambda: self.now,
        )

    def deliver(
        self,
        event: dict[str, Any],
        *,
        message_id: str = "message-1",
        is_last: bool = False,
        processor: Processor | None = None,
    ) -> Result:
        from process_object.notice import Notice

        notice = Notice.parse(json.dumps(event), own_source=SOURCE)
        delivery = Delivery(message_id=message_id, is_last=is_last, seconds_left=lambda: self.seconds_left)
        return (processor or self.processor()).process(notice, delivery)

    def announced(self) -> list[dict[str, Any]]:
        """Every event that has reached the bus so far."""
        while messages := CLIENTS["sqs"].receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                CLIENTS["sqs"].delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
                self._announced.append(json.loads(message["Body"]))
        return self._announced

    def items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = CLIENTS["dynamodb"].scan(TableName=TABLE)["Items"]
        return sorted(items, key=lambda item: (item["object"]["S"], item["version"]["S"]))

    def item(self, event: dict[str, Any], version: str | None = None) -> dict[str, Any]:
        """The catalogue's item about the event's version, or another one of the same object."""
        from boto3.dynamodb.types import TypeDeserializer

        object_ = event["detail"]["object"]
        key = {
            "object": {"S": f"{RAW}/{object_['key']}"},
            "version": {"S": version or object_["version-id"]},
        }
        item = CLIENTS["dynamodb"].get_item(TableName=TABLE, Key=key).get("Item", {})
        return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}

    def written(self) -> dict[str, list[bytes]]:
        """Every version of every object in the processed bucket."""
        versions = CLIENTS["s3"].list_object_versions(Bucket=PROCESSED).get("Versions", [])
        written: dict[str, list[bytes]] = {}
        for version in versions:
            body = CLIENTS["s3"].get_object(Bucket=PROCESSED, Key=version["Key"], VersionId=version["VersionId"])
            written.setdefault(version["Key"], []).append(body["Body"].read())
        return written

    def state(self) -> object:
        """All that could have changed."""
        return self.items(), self.written(), len(self.announced())


@contextmanager
def calls_hooked(hook: Callable[[str, str], None], *, moment: str = "before") -> Iterator[None]:
    """Call ``hook(service, operation)`` before or after every call to AWS."""
    with ExitStack() as stack:
        for service, client in CLIENTS.items():
            name = f"{moment}-call.{service}"

            def handle(model: Any, service: str = service, **_: Any) -> None:
                hook(service, model.name)

            client.meta.events.register_first(name, handle)
            stack.callback(client.meta.events.unregister, name, handle)
        yield


@contextmanager
def answers_changed(service: str, operation: str, change: Callable[[dict[str, Any]], None]) -> Iterator[None]:
    """Let ``change`` edit every answer to an operation."""
    name = f"after-call.{service}.{operation}"

    def handle(parsed: dict[str, Any], **_: Any) -> None:
        change(parsed)

    events = CLIENTS[service].meta.events
    events.register(name, handle)
    try:
        yield
    finally:
        events.unregister(name, handle)


@contextmanager
def pipeline_in_memory() -> Iterator[Pipeline]:
    with mock_aws():
        yield Pipeline()


def _make_surroundings() -> str:
    for bucket in (RAW, PROCESSED):
        CLIENTS["s3"].create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        CLIENTS["s3"].put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    CLIENTS["dynamodb"].create_table(
        TableName=TABLE,
        KeySchema=[
            {"AttributeName": "object", "KeyType": "HASH"},
            {"AttributeName": "version", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "object", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    queue: str = CLIENTS["sqs"].create_queue(QueueName="announced")["QueueUrl"]
    arn = CLIENTS["sqs"].get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    CLIENTS["events"].put_rule(Name="announced", EventPattern=json.dumps({"source": [SOURCE]}))
    CLIENTS["events"].put_targets(Rule="announced", Targets=[{"Id": "queue", "Arn": arn}])
    return queue
