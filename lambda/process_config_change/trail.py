"""Who changed a resource last, by CloudTrail's event history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudtrail import CloudTrailClient

_LOOKED_AT = 20


@dataclass(frozen=True)
class LastChange:
    """A call that changed a resource: who made it, which one it was, when (ISO 8601, UTC)."""

    who: str
    call: str
    at: str


class Trail:
    """Looks up the event history, which every account has for 90 days, whether or not it keeps a trail."""

    def __init__(self, client: CloudTrailClient, *, log: Callable[[str], None]) -> None:
        self._client = client
        self._log = log

    def last_change(self, resource_id: str) -> LastChange | None:
        """The newest call that changed the resource, or None if none is known.

        The history lags by minutes and may be throttled: a message without it is better than none, so that an error
        is logged and not raised.
        """
        try:
            response = self._client.lookup_events(
                LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": resource_id}],
                MaxResults=_LOOKED_AT,
            )
        except (BotoCoreError, ClientError) as error:
            self._log(f"CloudTrail does not say who changed {resource_id}: {error}")
            return None
        for event in response.get("Events", []):
            # The newest comes first; reading has changed nothing.
            if event.get("ReadOnly") != "true" and event.get("Username"):
                at = event["EventTime"].isoformat(timespec="seconds") if "EventTime" in event else "an unknown time"
                return LastChange(who=event["Username"], call=event.get("EventName", "an unknown call"), at=at)
        return None
