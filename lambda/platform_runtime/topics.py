"""Messages to people and programs, published to a topic."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

MAX_SUBJECT_CHARACTERS = 99
"""SNS takes fewer than 100 ASCII characters without line breaks, beginning with no space.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

MAX_MESSAGE_BYTES = 250 * 1024
"""A little less than the 256 KiB that SNS takes for the text and its attributes together."""


class TopicPublisher:
    """Publishes texts to topics."""

    def __init__(self, client: SNSClient) -> None:
        self._client = client

    def publish(self, topic_arn: str, *, subject: str, text: str, attributes: Mapping[str, str]) -> None:
        """Publish a text; a subject or text that SNS would refuse is made acceptable, never refused.

        ``attributes`` let subscribers filter; their values must not be empty. Raises botocore's errors, after
        which the text may be published again.
        """
        self._client.publish(
            TopicArn=topic_arn,
            Subject=as_subject(subject),
            Message=text.encode()[:MAX_MESSAGE_BYTES].decode(errors="ignore"),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )


def as_subject(text: str) -> str:
    """The text as far as it can be a subject."""
    printable = re.sub(r"[^ -~]+", " ", text).strip()
    if len(printable) > MAX_SUBJECT_CHARACTERS:
        printable = printable[: MAX_SUBJECT_CHARACTERS - 3].rstrip() + "..."
    return printable or "-"
