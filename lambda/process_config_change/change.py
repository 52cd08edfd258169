"""The event by which AWS Config says that a resource's compliance with a rule has changed."""

from __future__ import annotations

from dataclasses import dataclass

from platform_runtime.herald import MalformedMessageError
from platform_runtime.messages import part_of, read_message, required_text, text_of

BROKEN = "NON_COMPLIANT"
_VERDICTS = ("COMPLIANT", BROKEN, "NOT_APPLICABLE", "INSUFFICIENT_DATA")
_SOURCE, _DETAIL_TYPE = "aws.config", "Config Rules Compliance Change"


@dataclass(frozen=True)
class ComplianceChange:
    """One resource and one rule: how it stood, how it stands."""

    rule: str
    resource_type: str
    resource_id: str
    region: str
    account: str
    verdict: str
    old_verdict: str | None
    recorded_at: str | None
    annotation: str | None

    @property
    def is_broken(self) -> bool:
        """Whether the resource breaks the rule now."""
        return self.verdict == BROKEN

    @property
    def is_news(self) -> bool:
        """Whether people should hear of it: a rule was broken, or no longer is."""
        return self.is_broken != (self.old_verdict == BROKEN)

    @classmethod
    def parse(cls, body: str) -> ComplianceChange:
        """Read the event; raises ``MalformedMessageError``.

        https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
        """
        event = read_message(body)
        kind = (text_of(event, "source"), text_of(event, "detail-type"))
        if kind != (_SOURCE, _DETAIL_TYPE):
            raise MalformedMessageError(f"the event is {kind[1]!r} of {kind[0]!r}, not about compliance")
        detail = part_of(event, "detail")
        result = part_of(detail, "newEvaluationResult")
        verdict = required_text(result, "complianceType")
        if verdict not in _VERDICTS:
            raise MalformedMessageError(f"the verdict {verdict!r} is none of {', '.join(_VERDICTS)}")
        return cls(
            rule=required_text(detail, "configRuleName"),
            resource_type=required_text(detail, "resourceType"),
            resource_id=required_text(detail, "resourceId"),
            region=required_text(detail, "awsRegion"),
            account=required_text(detail, "awsAccountId"),
            verdict=verdict,
            old_verdict=text_of(part_of(detail, "oldEvaluationResult"), "complianceType"),
            recorded_at=text_of(result, "resultRecordedTime"),
            annotation=text_of(result, "annotation"),
        )
