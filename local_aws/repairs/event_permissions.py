"""A policy may allow events of one source or one type only.

MiniStack evaluates ``events:PutEvents`` without the keys ``events:source`` and ``events:detail-type``, so that a
statement with such a condition allows nothing. AWS evaluates each entry of a call with its own values:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html

What stays different: entries of several sources or types in one call are evaluated together, and a condition on a
single value allows none of them.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

from local_aws.repairs.rebinding import rebind

_KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}


def apply() -> None:
    """Repair it."""
    context_of = iam_actions.request_tag_context

    def request_tag_context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        context: dict[str, Any] = context_of(service, iam_action, body, params)
        if iam_action == "events:PutEvents":
            context.update(_of_entries(body))
        return context

    rebind(context_of, request_tag_context)


def _of_entries(body: bytes) -> dict[str, Any]:
    try:
        entries = json.loads(body).get("Entries", [])
        values = {key: list(dict.fromkeys(str(entry[name]) for entry in entries)) for key, name in _KEYS.items()}
    except (ValueError, KeyError, AttributeError, TypeError):
        return {}  # a malformed call is refused by EventBridge itself
    return {key: found[0] if len(found) == 1 else found for key, found in values.items() if found}
