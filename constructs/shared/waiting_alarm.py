"""The alarm about a queue in which nothing should ever wait."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity

MINUTE = cdk.Duration.minutes(1)
SILENCE = cloudwatch.TreatMissingData.NOT_BREACHING
"""SQS reports nothing about a queue that nobody has used for hours: then nothing waits in it."""


def waiting_alarm(
    scope: Construct, construct_id: str, *, queue: sqs.IQueue, meaning: str, runbook: str, to: sns.ITopic
) -> PlatformAlarm:
    """The critical alarm about a queue in which nothing should ever wait."""
    return PlatformAlarm(
        scope,
        construct_id,
        metric=queue.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum"),
        threshold=1,
        evaluation_periods=1,
        missing_data=SILENCE,
        severity=Severity.CRITICAL,
        meaning=meaning,
        runbook=runbook,
        topic=to,
    )
