"""Findings of the services that watch the account, told to somebody."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct

_TOLD: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    # 7 and above is what AWS calls high and critical.
    "GuardDuty": ("aws.guardduty", "GuardDuty Finding", {"severity": [{"numeric": [">=", 7]}]}),
    "SecurityHub": (
        "aws.securityhub",
        "Security Hub Findings - Imported",
        {
            "findings": {
                "Severity": {"Label": ["HIGH", "CRITICAL"]},
                "RecordState": ["ACTIVE"],
                "Workflow": {"Status": ["NEW"]},
            }
        },
    ),
    "Inspector": ("aws.inspector2", "Inspector2 Finding", {"severity": ["CRITICAL"], "status": ["ACTIVE"]}),
    "Macie": ("aws.macie", "Macie Finding", {"severity": {"description": ["High"]}}),
    "AccessAnalyzer": ("aws.access-analyzer", "Access Analyzer Finding", {"status": ["ACTIVE"]}),
}


class Findings(Construct):
    """A rule for each of ``services`` that sends its grave findings to ``alert_topic``, which admits EventBridge."""

    def __init__(
        self, scope: Construct, construct_id: str, *, services: Sequence[str], alert_topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        for service in services:
            source, detail_type, detail = _TOLD[service]
            events.CfnRule(
                self,
                service,
                description=f"Grave findings of {service}",
                event_pattern={"source": [source], "detail-type": [detail_type], "detail": detail},
                targets=[
                    events.CfnRule.TargetProperty(
                        id="AlertTopic",
                        arn=alert_topic.topic_arn,
                        input_transformer=events.CfnRule.InputTransformerProperty(
                            input_paths_map={"kind": "$.detail-type", "region": "$.region", "time": "$.time"},
                            input_template=(
                                f'"<kind> in <region> at <time>: open {service} in the console. '
                                'Runbook: docs/runbooks/security-finding.md"'
                            ),
                        ),
                    )
                ],
            )
