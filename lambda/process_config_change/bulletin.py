"""What people read about a change of compliance."""

from __future__ import annotations

from urllib.parse import quote

from platform_runtime.herald import Bulletin, Severity
from platform_runtime.messages import as_lines

from process_config_change.change import ComplianceChange
from process_config_change.trail import LastChange


def bulletin_about(change: ComplianceChange, last_change: LastChange | None) -> Bulletin:
    """The message about a rule that is broken, or no longer is. It never wakes anybody: it is for office hours."""
    resource = f"{change.resource_type} {change.resource_id}"
    heading = (
        f"{resource} breaks the rule {change.rule}."
        if change.is_broken
        else f"{resource} does not break the rule {change.rule} any more."
    )
    who = (
        f"{last_change.who}, by {last_change.call} at {last_change.at}"
        if last_change
        else "not known: CloudTrail's history names no change of this resource"
    )
    facts = as_lines(
        [
            ("What", f"{change.old_verdict or 'not evaluated before'} -> {change.verdict}"),
            ("Where", f"{change.region}, account {change.account}"),
            ("Who", who),
            ("Since", change.recorded_at),
            ("Why", change.annotation),
            ("Console", _console(change)),
        ]
    )
    state = "broken" if change.is_broken else "kept again"
    return Bulletin(
        subject=f"[compliance] {change.rule} {state}: {change.resource_id}",
        text=f"{heading}\n\n{facts}\n",
        severity=Severity.WARNING,
        is_urgent=False,
    )


def _console(change: ComplianceChange) -> str:
    region, rule = (quote(text.encode("utf-8", "replace"), safe="") for text in (change.region, change.rule))
    return f"https://{region}.console.aws.amazon.com/config/home?region={region}#/rules/details?configRuleName={rule}"
