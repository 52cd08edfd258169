"""Monitoring: what a region shows and when it calls somebody."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity

from configuration.names import Stacks
from stacks.security import SecurityStack
from stacks.serverless import ServerlessStack
from stacks.tap_stack import TapStack, TapStackProps


class MonitoringStack(TapStack):
    """Alarms and the dashboard of a region."""

    def __init__(
        self, scope: Construct, *, props: TapStackProps, security: SecurityStack, serverless: ServerlessStack
    ) -> None:
        super().__init__(scope, Stacks.MONITORING, props=props, description="Alarms and dashboards")
        dead_letters = serverless.object_processor.dead_letters
        alarm = PlatformAlarm(
            self,
            "DeadLetters",
            meaning="Objects wait in the dead-letter queue: each is one that was not processed.",
            metric=dead_letters.metric_approximate_number_of_messages_visible(
                period=cdk.Duration.minutes(1), statistic="Maximum"
            ),
            threshold=1,
            evaluation_periods=1,
            # SQS stops reporting on a queue that nobody has used for hours.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.CRITICAL,
            runbook="dead-letters",
            topic=security.alarm_topic,
        )
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=props.names.resource(self.region),
            widgets=[[cloudwatch.AlarmStatusWidget(title="Alarms", alarms=[alarm], width=24)]],
        )
