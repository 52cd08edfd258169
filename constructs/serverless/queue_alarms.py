"""The alarms about a queue that a function works off."""

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity
from constructs.shared.waiting_alarm import MINUTE, SILENCE, waiting_alarm

_PATIENCE = cdk.Duration.minutes(15)
_RUNBOOK = "message-dead-letters"


class QueueAlarms(Construct):
    """Critical when a message waits in ``dead_letters``, a warning when ``queue`` is not worked off for 15 minutes.

    ``what`` goes on after "the function that".
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        queue: sqs.IQueue,
        dead_letters: sqs.IQueue,
        what: str,
        to: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        waiting_alarm(
            self,
            "DeadLetters",
            queue=dead_letters,
            meaning=f"Messages wait in the dead-letter queue of the function that {what}: nobody knows what they say.",
            runbook=_RUNBOOK,
            to=to,
        )
        PlatformAlarm(
            self,
            "Waiting",
            metric=queue.metric_approximate_age_of_oldest_message(period=MINUTE, statistic="Maximum"),
            threshold=_PATIENCE.to_seconds(),
            evaluation_periods=5,
            missing_data=SILENCE,
            severity=Severity.WARNING,
            meaning=f"Messages wait for more than 15 minutes for the function that {what}.",
            runbook=_RUNBOOK,
            topic=to,
        )
