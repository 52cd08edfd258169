"""A queue that several checks look through at the same time, and one that hears a topic."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

from configuration.names import Topic
from configuration.partition import PARTITION
from ops.local.check import Context

Body = dict[str, Any]
_LONG_POLL_SECONDS = 2
_BACK_AFTER_SECONDS = 3


class Mailbox:
    """Reads messages of a queue and remembers them; the messages stay in the queue, hidden for seconds only."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs = sqs
        self._url = url
        self._read: dict[str, Body] = {}
        self._guard = threading.Lock()

    def find(self, context: Context, what: str, wanted: Callable[[Body], bool]) -> Body:
        """The first message for which ``wanted`` holds; ``what`` names it should it never come.

        Raises:
            CheckFailedError: none came within the context's patience.
        """

        def probe() -> Body | None:
            with self._guard:
                found = next(filter(wanted, self._read.values()), None)
                if found is None:
                    self._receive()
                    found = next(filter(wanted, self._read.values()), None)
                return found

        return context.until(what, probe)

    def _receive(self) -> None:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=_LONG_POLL_SECONDS,
            VisibilityTimeout=_BACK_AFTER_SECONDS,
        )
        for message in answer.get("Messages", []):
            self._read[message["MessageId"]] = _body(message["Body"])


def _body(text: str) -> Body:
    """The message; what was written for people, and is no JSON object, is its ``Message``."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"Message": text}


def topic_arn(context: Context, region: str, topic: Topic) -> str:
    """The ARN of a topic of the platform."""
    return f"arn:{PARTITION}:sns:{region}:{context.target.account}:{context.environment.names.topic(topic)}"


@contextlib.contextmanager
def listening(context: Context, region: str, topic: Topic, name: str, *, raw: bool = False) -> Iterator[Mailbox]:
    """A queue called ``name`` that hears a topic for as long as it is needed; ``raw`` leaves out SNS's envelope.

    https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
    """
    sqs, sns = context.client("sqs", region), context.client("sns", region)
    arn = topic_arn(context, region, topic)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    try:
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        subscribed = sns.subscribe(
            TopicArn=arn,
            Protocol="sqs",
            Endpoint=queue,
            Attributes={"RawMessageDelivery": "true"} if raw else {},
            ReturnSubscriptionArn=True,
        )
        try:
            yield Mailbox(sqs, url)
        finally:
            sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])
    finally:
        sqs.delete_queue(QueueUrl=url)
