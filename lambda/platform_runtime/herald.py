"""Turns machines' messages into messages for people: read from a queue, told to a topic, or set aside with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from platform_runtime.environment import QUEUE_URL, REGION, TOPIC_ARN, Variables
from platform_runtime.observability import ObservabilitySettings
from platform_runtime.topics import TopicPublisher

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# SQS takes 256 characters and more, but people read it in a console's column.
_MAX_REASON_CHARACTERS = 256


class MalformedMessageError(Exception):
    """The message is none that this function knows; its text says what is missing. Trying again changes nothing."""


class Severity(StrEnum):
    """How much it matters; ``UNKNOWN`` is treated like ``CRITICAL``: somebody has to look."""

    CRITICAL = "critical"
    WARNING = "warning"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Bulletin:
    """What people are told; ``is_urgent`` if it should wake somebody."""

    subject: str
    text: str
    severity: Severity
    is_urgent: bool


class Outcome(StrEnum):
    """What became of a message."""

    TOLD_URGENTLY = "told urgently"
    TOLD = "told"
    NOTHING_TO_TELL = "nothing to tell"
    SET_ASIDE = "set aside"


@dataclass(frozen=True)
class HeraldSettings:
    """The environment of a function that tells people, validated."""

    region: str
    alert_topic: str
    notification_topic: str
    dead_letters: str
    observability: ObservabilitySettings

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> HeraldSettings:
        """Read the variables; raises ``InvalidEnvironmentError`` that names all mistakes."""
        variables = Variables(environ)
        settings = cls(
            region=variables.text("AWS_REGION", pattern=REGION, rule="the name of a region"),
            alert_topic=variables.text("ALERT_TOPIC", pattern=TOPIC_ARN, rule="the ARN of a topic"),
            notification_topic=variables.text("NOTIFICATION_TOPIC", pattern=TOPIC_ARN, rule="the ARN of a topic"),
            dead_letters=variables.text("DEAD_LETTERS", pattern=QUEUE_URL, rule="the URL of a queue"),
            observability=ObservabilitySettings.read(variables),
        )
        variables.verify()
        return settings


@dataclass(frozen=True)
class Herald:
    """Tells one message after the other to the topic it belongs to."""

    publisher: TopicPublisher
    sqs: SQSClient
    settings: HeraldSettings

    def handle(self, body: str, interpret: Callable[[str], Bulletin | None]) -> Outcome:
        """Tell what ``interpret`` makes of a message.

        A message that it refuses with :class:`MalformedMessageError` goes to the dead-letter queue at once, with the
        reason. Any error that is raised means: deliver the message again.
        """
        try:
            bulletin = interpret(body)
        except MalformedMessageError as error:
            self._set_aside(body, str(error))
            return Outcome.SET_ASIDE
        if bulletin is None:
            return Outcome.NOTHING_TO_TELL
        self.publisher.publish(
            self.settings.alert_topic if bulletin.is_urgent else self.settings.notification_topic,
            subject=bulletin.subject,
            text=bulletin.text,
            attributes={"severity": bulletin.severity.value, "region": self.settings.region},
        )
        return Outcome.TOLD_URGENTLY if bulletin.is_urgent else Outcome.TOLD

    def _set_aside(self, body: str, reason: str) -> None:
        self.sqs.send_message(
            QueueUrl=self.settings.dead_letters,
            MessageBody=body,
            MessageAttributes={
                "reason": {"DataType": "String", "StringValue": _printable(reason)[:_MAX_REASON_CHARACTERS]}
            },
        )


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
