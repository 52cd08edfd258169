"""Backups, copies and restores that failed, told to somebody."""

from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.platform_alarm import runbook_link

_FAILED = ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"]


class FailedJobs(Construct):
    """Sends every job of AWS Backup that did not complete to ``alert_topic``, which admits EventBridge.

    Backup and copy jobs report a state, restore jobs a status.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, alert_topic: sns.ITopic) -> None:
        super().__init__(scope, construct_id)
        self.rule = events.CfnRule(
            self,
            "Rule",
            description="A backup, a copy or a restore failed",
            event_pattern={
                "source": ["aws.backup"],
                "detail-type": ["Backup Job State Change", "Copy Job State Change", "Restore Job State Change"],
                "detail": {"$or": [{"state": _FAILED}, {"status": _FAILED}]},
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id="AlertTopic",
                    arn=alert_topic.topic_arn,
                    input_transformer=events.CfnRule.InputTransformerProperty(
                        input_paths_map={
                            "kind": "$.detail-type",
                            "region": "$.region",
                            "resource": "$.detail.resourceArn",
                            "state": "$.detail.state",
                            "status": "$.detail.status",
                            "reason": "$.detail.statusMessage",
                        },
                        input_template=(
                            '"<kind> in <region>: <state><status>. Resource: <resource>. Reason: <reason>. '
                            f'Runbook: {runbook_link(self, "failed-backup")}"'
                        ),
                    ),
                )
            ],
        )
