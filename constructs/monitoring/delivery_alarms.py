"""What can be wrong between those who send and those who should receive."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity


class RuleAlarm(PlatformAlarm):
    """Sounds when EventBridge cannot deliver what a rule matched: a policy or a key refuses it, and nobody is told.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, rule_name: str, who: str, topic: sns.ITopic) -> None:
        super().__init__(
            scope,
            construct_id,
            meaning=f"Events of the rule {who} do not reach their target: what should happen then does not.",
            metric=metric("AWS/Events", "FailedInvocations", {"RuleName": rule_name}, statistic="Sum", minutes=5),
            threshold=1,
            evaluation_periods=1,
            # Published only when there are any.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.CRITICAL,
            runbook="undelivered-messages",
            topic=topic,
        )


class TopicAlarm(PlatformAlarm):
    """Sounds when SNS cannot deliver a topic's messages to a subscriber.

    https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, topic_name: str, topic: sns.ITopic) -> None:
        super().__init__(
            scope,
            construct_id,
            meaning=f"Messages of the topic {topic_name} do not reach a subscriber: somebody is not told something.",
            metric=metric(
                "AWS/SNS", "NumberOfNotificationsFailed", {"TopicName": topic_name}, statistic="Sum", minutes=5
            ),
            threshold=1,
            evaluation_periods=1,
            # Published only when there are any.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.CRITICAL,
            runbook="undelivered-messages",
            topic=topic,
        )
