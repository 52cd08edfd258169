"""The message that CloudWatch publishes when an alarm changes its state."""

from __future__ import annotations

import re
from dataclasses import dataclass

from platform_runtime.herald import MalformedMessageError, Severity
from platform_runtime.messages import Part, part_of, read_message, required_text, text_of

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_ARN = re.compile(r"arn:[^:]+:cloudwatch:(?P<region>[^:]+):[^:]*:alarm:.+", re.DOTALL)
_SEVERITY, _RUNBOOK = "Severity: ", "Runbook: "


@dataclass(frozen=True)
class Alarm:
    """One change of an alarm's state.

    ``meaning``, ``severity`` and ``runbook`` come from the alarm's description, whose last two lines say
    ``Severity: critical`` (or ``warning``) and ``Runbook: <link>``; of an alarm without them the severity is unknown.
    """

    name: str
    state: str
    old_state: str | None
    reason: str | None
    changed_at: str | None
    region: str
    account: str | None
    meaning: str | None
    severity: Severity
    runbook: str | None
    metric: str | None

    @classmethod
    def parse(cls, body: str, *, region: str) -> Alarm:
        """Read the message; ``region`` is where it was received, for messages that name no other.

        Only the alarm's name and its new state are indispensable.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html

        Raises ``MalformedMessageError``.
        """
        message = read_message(body)
        name = required_text(message, "AlarmName")
        state = required_text(message, "NewStateValue")
        if state not in STATES:
            raise MalformedMessageError(f"the state {state!r} is none of {', '.join(STATES)}")
        arn = _ARN.fullmatch(text_of(message, "AlarmArn") or "")
        description = (text_of(message, "AlarmDescription") or "").splitlines()
        return cls(
            name=name,
            state=state,
            old_state=text_of(message, "OldStateValue"),
            reason=text_of(message, "NewStateReason"),
            changed_at=text_of(message, "StateChangeTime"),
            region=arn["region"] if arn else region,
            account=text_of(message, "AWSAccountId"),
            meaning=_meaning(description),
            severity=_severity(description),
            runbook=_labelled(description, _RUNBOOK),
            metric=_metric(part_of(message, "Trigger")),
        )


def _meaning(description: list[str]) -> str | None:
    lines = [line for line in description if not line.startswith((_SEVERITY, _RUNBOOK))]
    return "\n".join(lines).strip() or None


def _severity(description: list[str]) -> Severity:
    word = _labelled(description, _SEVERITY)
    return Severity(word) if word in {Severity.CRITICAL, Severity.WARNING} else Severity.UNKNOWN


def _labelled(description: list[str], label: str) -> str | None:
    found = [line.removeprefix(label).strip() for line in description if line.startswith(label)]
    return (found[-1] or None) if found else None


def _metric(trigger: Part) -> str | None:
    """``AWS/SQS ApproximateNumberOfMessagesVisible (QueueName: …)``, if the alarm watches a single metric."""
    name = text_of(trigger, "MetricName")
    if name is None:
        return None
    listed = trigger.get("Dimensions")
    dimensions = [
        f"{text_of(entry, 'name')}: {text_of(entry, 'value')}"
        for entry in (listed if isinstance(listed, list) else [])
        if isinstance(entry, dict) and text_of(entry, "name")
    ]
    shown = f" ({', '.join(dimensions)})" if dimensions else ""
    return f"{text_of(trigger, 'Namespace') or ''} {name}{shown}".strip()
