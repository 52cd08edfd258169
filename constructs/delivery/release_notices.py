"""What people hear of releases, in words."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from constructs import Construct


class ReleaseNotices(Construct):
    """Tells ``topic`` when a release fails, when one is taken back, and when one waits for approval.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, pipeline_name: str, environment: str, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        self._pipeline_name = pipeline_name
        self._topic = topic
        region = events.EventField.from_path("$.region")
        execution = f"pipeline of {region}, execution {events.EventField.from_path('$.detail.execution-id')}"
        stage = events.EventField.from_path("$.detail.stage")
        state = events.EventField.from_path("$.detail.state")
        read = f"https://{region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/{pipeline_name}/view"
        runbook = "The runbook is docs/runbooks/failed-release.md."
        rollbacks = {"execution-trigger": {"trigger-type": ["AutomatedRollback", "ManualRollback"]}}
        self._notice(
            "FailedStage",
            "CodePipeline Stage Execution State Change",
            {"state": ["FAILED"]},
            f"A release of {environment} failed at {stage} ({execution}). The stages after it keep what they have. "
            f"{runbook} {read}",
        )
        self._notice(
            "Rollback",
            "CodePipeline Pipeline Execution State Change",
            {"state": ["STARTED", "SUCCEEDED", "FAILED"], **rollbacks},
            f"A release of {environment} is taken back: the rollback has {state} ({execution}). {runbook} {read}",
        )
        self._notice(
            "Approval",
            "CodePipeline Action Execution State Change",
            {"state": ["STARTED", "FAILED"], "type": {"category": ["Approval"]}},
            f"The approval of a release of {environment} has {state} ({execution}). STARTED: it waits for a person, "
            f"who finds there what it changes. FAILED: it was refused, or nobody answered. {read}",
        )

    def _notice(self, construct_id: str, detail_type: str, detail: dict[str, object], text: str) -> None:
        events.Rule(
            self,
            construct_id,
            description=f"{construct_id} of {self._pipeline_name}, told in words",
            event_pattern=events.EventPattern(
                source=["aws.codepipeline"],
                detail_type=[detail_type],
                detail={"pipeline": [self._pipeline_name], **detail},
            ),
            targets=[targets.SnsTopic(self._topic, message=events.RuleTargetInput.from_text(text))],
        )
