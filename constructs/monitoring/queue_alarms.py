"""What can be wrong with any queue."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_NAMESPACE = "AWS/SQS"
_OLD_MINUTES = 30


class QueueAlarms(Construct):
    """Work that nobody takes from ``queue``; in a dead-letter queue, anything at all.

    SQS publishes nothing of a queue that has been idle for hours, which is why missing data is no fault.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, queue: sqs.Queue, who: str, dead_letters: bool, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        if dead_letters:
            PlatformAlarm(
                self,
                "DeadLetters",
                meaning=f"Messages wait in {who}: each is work that was given up.",
                metric=metric(
                    _NAMESPACE,
                    "ApproximateNumberOfMessagesVisible",
                    {"QueueName": queue.queue_name},
                    statistic="Maximum",
                ),
                threshold=1,
                evaluation_periods=1,
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                # A file that a client sent in vain is among them, and nothing is lost for 14 days.
                severity=Severity.WARNING,
                runbook="dead-letters",
                topic=topic,
            )
            return
        PlatformAlarm(
            self,
            "Waiting",
            meaning=f"The oldest message of {who} has waited for more than {_OLD_MINUTES} minutes; nobody takes it.",
            metric=metric(
                _NAMESPACE, "ApproximateAgeOfOldestMessage", {"QueueName": queue.queue_name}, statistic="Maximum"
            ),
            threshold=_OLD_MINUTES * 60,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=5,
            datapoints_to_alarm=3,
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            severity=Severity.CRITICAL,
            runbook="queue-waits",
            topic=topic,
        )
