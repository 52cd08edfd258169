"""``PutPermission`` takes a whole policy, which takes the place of the event bus's own.

MiniStack takes single statements only and makes an empty one of a policy:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import eventbridge


def apply() -> None:
    """Repair it."""
    put_statement = eventbridge._put_permission

    def put_permission(asked: dict[str, Any]) -> Any:
        if not asked.get("Policy"):
            return put_statement(asked)
        try:
            policy = json.loads(asked["Policy"])
        except ValueError:
            return error_response_json("ValidationException", "The policy is no JSON.", 400)
        eventbridge._event_bus_policies[asked.get("EventBusName", "default")] = policy
        return json_response({})

    eventbridge._put_permission = put_permission
