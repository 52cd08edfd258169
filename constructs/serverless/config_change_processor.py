"""Config-change processor: resources that break a rule of AWS Config, told to people."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.serverless.foundation import Foundation
from constructs.serverless.message_processor import MessageProcessor
from constructs.shared.acknowledgement import acknowledge


class ConfigChangeProcessor(Construct):
    """Tells the notification topic what broke a rule, where, who changed it last, and since when."""

    def __init__(
        self, scope: Construct, construct_id: str, *, foundation: Foundation, reserved_concurrency: int | None
    ) -> None:
        super().__init__(scope, construct_id)
        self.processor = MessageProcessor(
            self,
            "Messages",
            package="process_config_change",
            purpose="tells people about changes of compliance",
            foundation=foundation,
            alarm_topic=foundation.alarms,
            reserved_concurrency=reserved_concurrency,
        )
        self.processor.function.add_to_role_policy(
            iam.PolicyStatement(actions=["cloudtrail:LookupEvents"], resources=["*"])
        )
        acknowledge(
            self,
            "AwsSolutions-IAM5[Resource::*]",
            reason="CloudTrail's event history knows no resource: who may look anything up may look everything up",
        )
        events.Rule(
            self,
            "ComplianceChanged",
            description="Changes of compliance to the function that tells people",
            event_pattern=events.EventPattern(
                source=["aws.config"],
                detail_type=["Config Rules Compliance Change"],
                detail={"messageType": ["ComplianceChangeNotification"]},
            ),
            targets=[targets.SqsQueue(self.processor.queue, dead_letter_queue=self.processor.dead_letters)],
        )
