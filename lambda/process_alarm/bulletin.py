"""What people read about an alarm."""

from __future__ import annotations

from urllib.parse import quote

from platform_runtime.herald import Bulletin, Severity
from platform_runtime.messages import as_lines

from process_alarm.alarm import Alarm

_STATES = {
    "ALARM": "is in alarm",
    "OK": "is fine again",
    "INSUFFICIENT_DATA": "has too little data to be judged",
}


def bulletin_about(alarm: Alarm) -> Bulletin:
    """The message about an alarm's new state.

    Urgent is whatever is critical or of unknown severity, its end included: who was woken may go back to bed.
    An alarm that is fine without ever having fired, as after its creation, is not urgent.
    """
    never_fired = alarm.state == "OK" and alarm.old_state != "ALARM"
    meaning = alarm.meaning or "This alarm does not say what it means."
    heading = f"Over: {meaning}" if alarm.state == "OK" else meaning
    facts = as_lines(
        [
            ("What", f"{alarm.name} {_STATES[alarm.state]}" + (f" (was {alarm.old_state})" if alarm.old_state else "")),
            ("Where", ", ".join(filter(None, [alarm.region, alarm.account and f"account {alarm.account}"]))),
            ("Since", alarm.changed_at),
            ("Why", alarm.reason),
            ("Metric", alarm.metric),
            ("Severity", alarm.severity.value),
            ("Runbook", alarm.runbook),
            ("Console", _console(alarm)),
        ]
    )
    return Bulletin(
        subject=f"[{alarm.severity.value}] {alarm.state}: {alarm.name}",
        text=f"{heading}\n\n{facts}\n",
        severity=alarm.severity,
        is_urgent=alarm.severity is not Severity.WARNING and not never_fired,
    )


def _console(alarm: Alarm) -> str:
    region = quote(alarm.region, safe="")
    name = quote(alarm.name.encode("utf-8", "replace"), safe="")
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#alarmsV2:alarm/{name}"
