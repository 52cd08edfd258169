"""A queue that several checks look through at the same time."""

import json
import threading
from collections.abc import Callable
from typing import Any

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
