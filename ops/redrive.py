"""Puts dead letters back to where they are worked on: ``python -m ops.redrive --environment prod``.

Without ``--yes`` it only shows what waits, and why. With it every message that waits now is sent to its queue (or, for
events that could not be delivered, to their target) and then deleted, in this order: an interruption may leave a
message in both places, which the functions recognise, and in neither never. Messages that come back while it runs stay.

SQS's own redrive is not used: it moves what SQS itself has put into a dead-letter queue, and most of what waits here
was put there by EventBridge, SNS or a function. See docs/adr/0033.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from configuration import ConfigurationError, Environment, load_environment
from configuration.names import Stacks

Clients = Callable[[str, str], Any]
"""Makes a client of a service in a region."""

_HIDDEN_SECONDS = 120
_BATCH = 10
_SHOWN = 5
_EMPTY_ANSWERS = 3


class RedriveError(Exception):
    """The command cannot go on; the text is for the operator."""


@dataclass(frozen=True)
class Source:
    """A dead-letter queue and where its messages belong, by the beginnings of the queues' logical ids.

    Without ``destination`` each message names its own: EventBridge notes the target it could not reach.
    """

    name: str
    dead_letters: str
    destination: str | None


SOURCES = (
    Source("objects", "ObjectProcessorDeadLetters", "ObjectProcessorQueue"),
    Source("undelivered", "ObjectProcessorUndelivered", None),
    Source("alarms", "AlarmProcessorMessagesDeadLetters", "AlarmProcessorMessagesQueue"),
    Source("config-changes", "ConfigChangeProcessorMessagesDeadLetters", "ConfigChangeProcessorMessagesQueue"),
)


@dataclass(frozen=True)
class Found:
    """What waits in one dead-letter queue of one region."""

    region: str
    source: Source
    url: str
    destination: str | None
    waiting: int


def find(environment: Environment, clients: Clients, *, regions: list[str], names: list[str]) -> Iterator[Found]:
    """The dead-letter queues of the regions; raises :class:`RedriveError` where a stack has not the queue."""
    for region in regions:
        queues = _queues(clients("cloudformation", region), environment.names.stack(Stacks.SERVERLESS, region))
        for source in SOURCES:
            if source.name not in names:
                continue
            url = _queue(queues, source.dead_letters, region)
            destination = _queue(queues, source.destination, region) if source.destination else None
            answer = clients("sqs", region).get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )
            waiting = int(answer["Attributes"]["ApproximateNumberOfMessages"])
            yield Found(region, source, url, destination, waiting)


def peek(found: Found, clients: Clients) -> Iterator[str]:
    """A line about each of the first messages, which stay where they are."""
    for message in _receive(clients("sqs", found.region), found.url, hidden=1)[:_SHOWN]:
        attributes = message.get("MessageAttributes", {})
        noted = [attributes[name]["StringValue"] for name in ("reason", "ERROR_MESSAGE") if name in attributes]
        text = " ".join(message["Body"].split())
        yield f"{(noted or [_reason(message['Body'])])[0]}: {text if len(text) <= 160 else text[:157] + '...'}"


def redrive(found: Found, clients: Clients, *, progress: Callable[[int], None]) -> int:
    """Move what waits; the number of messages is returned, and told to ``progress`` as it grows.

    Raises botocore's errors and :class:`RedriveError`; what was not moved by then waits where it was.
    """
    sqs = clients("sqs", found.region)
    begun = int(time.time() * 1000)
    moved = 0
    empty = 0
    seen: set[str] = set()
    # Now and then a queue says it is empty and is not: it asks only some of its servers.
    while empty < _EMPTY_ANSWERS:
        batch = _receive(sqs, found.url, hidden=_HIDDEN_SECONDS)
        older = [message for message in batch if int(message["Attributes"]["SentTimestamp"]) <= begun]
        fresh = [message for message in older if message["MessageId"] not in seen]
        empty = 0 if fresh else empty + 1
        for message in fresh:
            _send(found, clients, message)
            sqs.delete_message(QueueUrl=found.url, ReceiptHandle=message["ReceiptHandle"])
            seen.add(message["MessageId"])
            moved += 1
            progress(moved)
        for message in batch:
            if message not in fresh:
                sqs.change_message_visibility(
                    QueueUrl=found.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
                )
    return moved


def _send(found: Found, clients: Clients, message: dict[str, Any]) -> None:
    if found.destination:
        clients("sqs", found.region).send_message(QueueUrl=found.destination, MessageBody=message["Body"])
        return
    target = message.get("MessageAttributes", {}).get("TARGET_ARN", {}).get("StringValue", "")
    service, _, rest = target.removeprefix("arn:aws:").partition(":")
    region, _, name = rest.partition(":")
    if service == "sns":
        clients("sns", region).publish(TopicArn=target, Message=message["Body"])
    elif service == "sqs":
        account, _, queue = name.partition(":")
        sqs = clients("sqs", region)
        url = sqs.get_queue_url(QueueName=queue, QueueOwnerAWSAccountId=account)["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=message["Body"])
    else:
        raise RedriveError(
            f"message {message['MessageId']} in {found.url} names no topic or queue it was meant for ({target!r}); "
            "read it, do what it says, and delete it"
        )


def _reason(body: str) -> str:
    """The reason that an event of the pipeline's own bears."""
    try:
        reason = json.loads(body)["detail"]["reason"]
        return f"{reason['code']}, {reason['message']}"
    except (ValueError, LookupError, TypeError):
        return "no reason noted"


def _receive(sqs: Any, url: str, *, hidden: int) -> list[dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=_BATCH,
        VisibilityTimeout=hidden,
        WaitTimeSeconds=1,
        MessageSystemAttributeNames=["SentTimestamp"],
        MessageAttributeNames=["All"],
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def _queues(cloudformation: Any, stack: str) -> dict[str, str]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {
        resource["LogicalResourceId"]: resource["PhysicalResourceId"]
        for page in pages
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::SQS::Queue"
    }


def _queue(queues: dict[str, str], beginning: str, region: str) -> str:
    for logical_id, url in queues.items():
        if logical_id.startswith(beginning):
            return url
    raise RedriveError(f"the serverless stack in {region} has no queue {beginning}…: is it deployed?")


def _checked_account(environment: Environment, clients: Clients) -> None:
    account = clients("sts", environment.home.name).get_caller_identity()["Account"]
    if account != environment.account:
        raise RedriveError(
            f"these credentials belong to account {account}; {environment.environment} is in {environment.account}"
        )


def run(environment: Environment, clients: Clients, *, regions: list[str], names: list[str], act: bool) -> int:
    """Show what waits, or move it; the number of messages is returned. Raises :class:`RedriveError`."""
    _checked_account(environment, clients)
    total = 0
    for found in find(environment, clients, regions=regions, names=names):
        place = f"{found.region} {found.source.name}"
        if not act:
            print(f"{place}: {found.waiting} waiting")
            for line in peek(found, clients) if found.waiting else ():
                print(f"  {line}")
            total += found.waiting
            continue

        def told(moved: int, found: Found = found, place: str = place) -> None:
            if moved % 100 == 0 or moved == found.waiting:
                print(f"{place}: {moved} of about {found.waiting}", flush=True)

        moved = redrive(found, clients, progress=told)
        print(f"{place}: {moved} sent back")
        total += moved
    return total


def main(arguments: list[str] | None = None) -> int:
    """The command; 0 if it did what it was asked, 1 with a sentence otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ops.redrive", description="Puts dead letters back to work")
    parser.add_argument("--environment", required=True, help="a name in environments/ or the path of a file")
    parser.add_argument("--region", action="append", help="only this region; may be given several times")
    parser.add_argument(
        "--queue", action="append", choices=[source.name for source in SOURCES], help="only this dead-letter queue"
    )
    parser.add_argument("--yes", action="store_true", help="send back what waits; without it only show it")
    options = parser.parse_args(arguments)
    try:
        environment = load_environment(options.environment)
        known = [region.name for region in environment.regions]
        unknown = sorted(set(options.region or ()) - set(known))
        if unknown:
            raise RedriveError(f"{options.environment} has no region {', '.join(unknown)}; it has {', '.join(known)}")
        total = run(
            environment,
            lambda service, region: boto3.client(service, region_name=region),  # type: ignore[call-overload]
            regions=options.region or known,
            names=options.queue or [source.name for source in SOURCES],
            act=options.yes,
        )
    except (ConfigurationError, RedriveError, BotoCoreError, ClientError) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: what was not sent back waits where it was.", file=sys.stderr)
        return 1
    if total and not options.yes:
        print(f"{total} messages; send them back with --yes once the cause is repaired")
    return 0


if __name__ == "__main__":
    sys.exit(main())
