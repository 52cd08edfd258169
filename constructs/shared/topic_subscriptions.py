"""Who hears the region's topics."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_queue import PlatformQueue
from constructs.shared.waiting_alarm import waiting_alarm

from configuration.subscriptions import Subscription


class TopicSubscriptions(Construct):
    """The subscriptions of the environment's file, by the topics' names in it.

    What SNS cannot hand to a subscriber, after a day of attempts, waits in ``undelivered``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        subscriptions: Sequence[Subscription],
        topics: Mapping[str, sns.ITopic],
        key: kms.IKey,
        alarm_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self.undelivered = PlatformQueue(self, "Undelivered", key=key)
        acknowledge(self.undelivered, "AwsSolutions-SQS3", reason="It is a dead-letter queue itself, of subscriptions")
        self.undelivered.add_to_resource_policy(
            iam.PolicyStatement(
                sid="UndeliveredMessages",
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.undelivered.queue_arn],
                conditions={"ArnEquals": {"aws:SourceArn": [topic.topic_arn for topic in topics.values()]}},
            )
        )
        waiting_alarm(
            self,
            "UndeliveredMessages",
            queue=self.undelivered,
            meaning="A subscriber of a topic could not be told something for a day: it does not know what it should.",
            runbook="undelivered-messages",
            to=alarm_topic,
        )
        for position, subscription in enumerate(subscriptions):
            sns.CfnSubscription(
                self,
                f"{subscription.topic.capitalize()}{subscription.protocol.capitalize()}{position}",
                topic_arn=topics[subscription.topic].topic_arn,
                protocol=subscription.protocol,
                endpoint=subscription.endpoint,
                redrive_policy={"deadLetterTargetArn": self.undelivered.queue_arn},
            )
