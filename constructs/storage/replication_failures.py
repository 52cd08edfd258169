"""Where it is told that an object did not reach the partner region."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_alarm import PlatformAlarm, Severity
from constructs.shared.platform_queue import PlatformQueue

from configuration.partition import PARTITION


class ReplicationFailures(Construct):
    """A queue of S3's events about objects that were not replicated in time, and an alarm while it holds any.

    ``buckets`` are the names of those that may send to it; each event says which object and why.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey, buckets: list[str], alarm_topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        self.queue = PlatformQueue(self, "Queue", key=key)
        self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="BucketsOfThisAccount",
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions={
                    "ArnEquals": {"aws:SourceArn": [f"arn:{PARTITION}:s3:::{bucket}" for bucket in buckets]},
                    "StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account},
                },
            )
        )
        acknowledge(
            self.queue,
            "AwsSolutions-SQS3",
            reason="People read it, no program does: there is no consumer whose failures a second queue could take",
        )
        self.alarm = PlatformAlarm(
            self,
            "Alarm",
            severity=Severity.WARNING,
            meaning=(
                "Objects were not replicated to the partner region in time and would be lost with this one: each "
                "message of the queue names one and the reason"
            ),
            runbook="replication",
            topic=alarm_topic,
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=cdk.Duration.minutes(1), statistic="Maximum"
            ),
            threshold=1,
            evaluation_periods=1,
            # A queue that nothing is sent to is not measured.
            missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
