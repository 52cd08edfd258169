"""Monitoring: what a region shows and when it calls somebody."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from constructs import Construct

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
        alarm = cloudwatch.Alarm(
            self,
            "DeadLetters",
            alarm_description="Objects wait in the dead-letter queue: each is one that was not processed.",
            metric=dead_letters.metric_approximate_number_of_messages_visible(
                period=cdk.Duration.minutes(1), statistic="Maximum"
            ),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(security.alert_topic))
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=props.names.resource(self.region),
            widgets=[[cloudwatch.AlarmStatusWidget(title="Alarms", alarms=[alarm], width=24)]],
        )
