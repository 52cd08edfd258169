"""Lets a release pass when the alarms of a region keep quiet for as long as it bakes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.release.clock import Clock
from ops.release.refusal import ReleaseRefusedError

INTERVAL_SECONDS = 15.0
PATIENCE = timedelta(minutes=2)
"""How long CloudWatch may fail to answer before the gate closes: what cannot be seen is not well."""

_RINGING = "ALARM"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthFailure", "UnauthorizedOperation"})


@dataclass(frozen=True)
class Alarm:
    """An alarm as CloudWatch describes it."""

    name: str
    state: str
    since: datetime
    reason: str


def alarm_gate(
    cloudwatch: Any,
    *,
    prefix: str,
    since: datetime,
    bake: timedelta,
    clock: Clock,
    say: Callable[[str], None],
) -> None:
    """Watch every alarm whose name begins with ``prefix`` for the time ``bake``; one look is taken in any case.

    An alarm that began to ring at ``since`` or later closes the gate at once. One that rang before is not held
    against the release, which may be the very repair.

    Raises:
        ReleaseRefusedError: an alarm rings, there is none to watch, or CloudWatch did not answer.
    """
    ends = clock.now() + bake
    seen = clock.now()
    told: set[str] = set()
    while True:
        try:
            alarms = list(_alarms(cloudwatch, prefix))
        except (BotoCoreError, ClientError) as error:
            if _is_denied(error) or clock.now() - seen >= PATIENCE:
                raise ReleaseRefusedError(f"The alarms {prefix}* cannot be seen: {error}") from error
            say(f"CloudWatch did not answer, and is asked again: {error}")
        else:
            seen = clock.now()
            _judge(alarms, prefix=prefix, since=since, told=told, say=say)
            left = ends - seen
            if left <= timedelta():
                say(f"{len(alarms)} alarms watched; none began to ring")
                return
            say(f"{len(alarms)} alarms, none of them new; {left.total_seconds() / 60:.1f} minutes to go")
        clock.sleep(INTERVAL_SECONDS)


def _judge(alarms: list[Alarm], *, prefix: str, since: datetime, told: set[str], say: Callable[[str], None]) -> None:
    if not alarms:
        raise ReleaseRefusedError(f"There is no alarm whose name begins with {prefix}: nothing would be watched")
    ringing = [alarm for alarm in alarms if alarm.state == _RINGING]
    new = [
        f"{alarm.name} rings since {alarm.since:%H:%M:%S} UTC: {alarm.reason}"
        for alarm in ringing
        if alarm.since >= since
    ]
    if new:
        raise ReleaseRefusedError("\n".join(new))
    for alarm in ringing:
        if alarm.name not in told:
            told.add(alarm.name)
            say(f"{alarm.name} rang before the release began, and is not held against it")


def _alarms(cloudwatch: Any, prefix: str) -> Iterator[Alarm]:
    pages = cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    for page in pages:
        for found in (*page.get("MetricAlarms", ()), *page.get("CompositeAlarms", ())):
            yield Alarm(
                name=found["AlarmName"],
                state=found["StateValue"],
                # The second is when a state was last reported, which a change of its reason renews.
                since=found.get("StateTransitionedTimestamp", found["StateUpdatedTimestamp"]),
                reason=found.get("StateReason", "no reason given"),
            )


def _is_denied(error: BotoCoreError | ClientError) -> bool:
    return isinstance(error, ClientError) and error.response["Error"]["Code"] in _DENIED
