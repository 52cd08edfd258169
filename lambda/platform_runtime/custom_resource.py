"""The answer that CloudFormation waits for from a function behind a custom resource."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

# A pre-signed address of S3, which takes the answer at once or not at all.
_TIMEOUT_SECONDS = 10


def answer(event: Mapping[str, Any], *, physical_id: str, failure: str | None) -> None:
    """Tell CloudFormation that the request was carried out, or with ``failure`` why it was not.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html
    """
    body = {
        "Status": "FAILED" if failure else "SUCCESS",
        "Reason": failure or "done",
        "PhysicalResourceId": physical_id,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    # An empty content type, because the address is signed without one.
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's
        event["ResponseURL"], data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310
        return
