"""A function that tells people what a queue of machines' messages says."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.serverless.foundation import Foundation
from constructs.serverless.queue_alarms import QueueAlarms
from constructs.shared.platform_queue import PlatformQueue
from constructs.shared.python_function import PythonFunction

_ATTEMPTS = 5
_TIMEOUT = cdk.Duration.seconds(60)


class MessageProcessor(Construct):
    """Works ``queue`` off into the two topics; what cannot be told waits in ``dead_letters``.

    ``purpose`` goes on after "the function that".

    It stands outside of the network: it reads no data, and SNS and SQS have no endpoint there. The alarms about it
    and its queues report to ``alarm_topic``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: str,
        purpose: str,
        foundation: Foundation,
        alarm_topic: sns.ITopic,
        reserved_concurrency: int | None,
    ) -> None:
        super().__init__(scope, construct_id)
        key = foundation.messaging_key
        self.dead_letters = PlatformQueue(self, "DeadLetters", key=key)
        self.queue = PlatformQueue(
            self,
            "Queue",
            key=key,
            # Six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
            visibility_timeout=cdk.Duration.seconds(6 * _TIMEOUT.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=_ATTEMPTS),
        )
        self.function = PythonFunction(
            self,
            "Function",
            package=package,
            description=f"{purpose[0].upper()}{purpose[1:]}",
            environment={
                "ALERT_TOPIC": foundation.alerts.topic_arn,
                "NOTIFICATION_TOPIC": foundation.notifications.topic_arn,
                "DEAD_LETTERS": self.dead_letters.queue_url,
                **foundation.variables(package),
            },
            environment_key=key,
            logs_key=foundation.logs_key,
            log_retention_days=foundation.log_retention_days,
            removal_policy=foundation.removal_policy,
            timeout=_TIMEOUT,
            reserved_concurrency=reserved_concurrency,
        )
        self.function.add_event_source(
            sources.SqsEventSource(self.queue, batch_size=10, report_batch_item_failures=True, max_concurrency=2)
        )
        for statement in (
            iam.PolicyStatement(
                actions=["sns:Publish"], resources=[foundation.alerts.topic_arn, foundation.notifications.topic_arn]
            ),
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self.dead_letters.queue_arn]),
            iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]),
        ):
            self.function.add_to_role_policy(statement)
        QueueAlarms(self, "Alarms", queue=self.queue, dead_letters=self.dead_letters, what=purpose, to=alarm_topic)
