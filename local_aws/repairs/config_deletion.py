"""A configuration recorder and a delivery channel can be deleted.

MiniStack's Config can make both and lacks ``DeleteConfigurationRecorder`` and ``DeleteDeliveryChannel``:
https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteDeliveryChannel.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import config

from local_aws import operations
from local_aws.operations import Response

_OPERATIONS = ("DeleteConfigurationRecorder", "DeleteDeliveryChannel")


def apply() -> None:
    """Repair it."""
    operations.answer("config", lambda call: call.operation in _OPERATIONS, _handle)


async def _handle(_: str, __: str, headers: dict[str, str], body: bytes, ___: dict[str, Any]) -> Response:
    asked = json.loads(body)
    if operations.call_of(headers, body, {}).operation == "DeleteConfigurationRecorder":
        return _delete_recorder(asked["ConfigurationRecorderName"])
    return _delete_channel(asked["DeliveryChannelName"])


def _delete_recorder(name: str) -> Response:
    if name not in config._recorders:
        return _error("NoSuchConfigurationRecorderException", f"Cannot find configuration recorder with name '{name}'.")
    del config._recorders[name]
    return _done()


def _delete_channel(name: str) -> Response:
    if name not in config._delivery_channels:
        return _error("NoSuchDeliveryChannelException", f"Cannot find delivery channel with specified name '{name}'.")
    if any(recorder["recording"] for recorder in config._recorders.values()):
        return _error(
            "LastDeliveryChannelDeleteFailedException",
            f"Failed to delete last specified delivery channel with name '{name}', "
            "because there is a running configuration recorder.",
        )
    del config._delivery_channels[name]
    return _done()


def _done() -> Response:
    answer: Response = json_response({})
    return answer


def _error(code: str, message: str) -> Response:
    answer: Response = error_response_json(code, message, 400)
    return answer
