"""Alarm processor: alarms in, messages in plain words out."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.serverless.foundation import Foundation
from constructs.serverless.message_processor import MessageProcessor


class AlarmProcessor(Construct):
    """The one subscriber of the region's alarm topic: tells alerts or notifications, by severity.

    A queue stands between topic and function, so that an alarm outlives the function's failure by 14 days. The
    alarms about this path go to the alert topic itself.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, foundation: Foundation, reserved_concurrency: int | None
    ) -> None:
        super().__init__(scope, construct_id)
        self.processor = MessageProcessor(
            self,
            "Messages",
            package="process_alarm",
            purpose="tells people about alarms",
            foundation=foundation,
            alarm_topic=foundation.alerts,
            reserved_concurrency=reserved_concurrency,
        )
        queue = self.processor.queue
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmTopic",
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": foundation.alarms.topic_arn}},
            )
        )
        dead_letters = self.processor.dead_letters
        dead_letters.add_to_resource_policy(
            iam.PolicyStatement(
                sid="UndeliveredAlarms",
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[dead_letters.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": foundation.alarms.topic_arn}},
            )
        )
        # The L2 subscription would write the topic into the key's policy, and the topic refers to the key.
        subscription = sns.CfnSubscription(
            self,
            "Subscription",
            topic_arn=foundation.alarms.topic_arn,
            protocol="sqs",
            endpoint=queue.queue_arn,
            raw_message_delivery=True,
            redrive_policy={"deadLetterTargetArn": dead_letters.queue_arn},
        )
        # SNS tries the queue as soon as it is subscribed.
        subscription.node.add_dependency(queue, dead_letters)
