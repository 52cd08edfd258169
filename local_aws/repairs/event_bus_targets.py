"""A rule's target may be an event bus in another region or account.

MiniStack forwards events only within a region and drops the others:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services import eventbridge


def apply() -> None:
    """Repair it."""
    dispatch = eventbridge._dispatch_to_event_bus

    def dispatch_to_event_bus(spec: Any, *event: Any) -> None:
        if spec.service != "events":
            dispatch(spec, *event)
            return
        with responses.request_scope(spec.account_id, spec.region):
            dispatch(spec, *event)

    eventbridge._dispatch_to_event_bus = dispatch_to_event_bus
