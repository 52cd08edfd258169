"""Object processor: what turns raw objects into processed ones."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.serverless.foundation import Foundation
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_queue import PlatformQueue
from constructs.shared.python_function import PythonFunction
from constructs.shared.waiting_alarm import waiting_alarm

_ATTEMPTS = 3
_TIMEOUT = cdk.Duration.minutes(5)


class ObjectProcessor(Construct):
    """Every object put into ``raw`` is processed once, or ends in ``dead_letters`` with its reason.

    S3 tells EventBridge, a rule fills a queue, and the function works it off at its own pace: a dependency
    that is down or throttles delays objects and loses none. The function emits events of its own, by which
    the topic hears of results and the dead-letter queue of refusals. It runs without a route to the internet
    and can read ``raw``, write ``processed`` and ``catalogue``, and put events of ``event_source``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        raw: s3.IBucket,
        processed: s3.IBucket,
        catalogue: dynamodb.ITableV2,
        event_source: str,
        foundation: Foundation,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        objects_at_once: int,
        reserved_concurrency: int | None,
    ) -> None:
        super().__init__(scope, construct_id)
        messaging_key = foundation.messaging_key
        self.dead_letters = PlatformQueue(self, "DeadLetters", key=messaging_key)
        self.undelivered = self._undelivered(foundation)
        self.queue = PlatformQueue(
            self,
            "Queue",
            key=messaging_key,
            # Six times the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
            visibility_timeout=cdk.Duration.minutes(6 * _TIMEOUT.to_minutes()),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=_ATTEMPTS),
        )
        self.function = PythonFunction(
            self,
            "Function",
            package="process_object",
            description="Validates, normalises and summarises raw objects",
            environment={
                "PROCESSED_BUCKET": processed.bucket_name,
                "CATALOGUE_TABLE": catalogue.table_name,
                "EVENT_SOURCE": event_source,
                "MAX_RECEIVE_COUNT": str(_ATTEMPTS),
                **foundation.variables("process_object"),
            },
            environment_key=messaging_key,
            logs_key=foundation.logs_key,
            log_retention_days=foundation.log_retention_days,
            removal_policy=foundation.removal_policy,
            timeout=_TIMEOUT,
            vpc=vpc,
            security_groups=[security_group],
            reserved_concurrency=reserved_concurrency,
        )
        self.function.add_event_source(
            sources.SqsEventSource(
                self.queue,
                batch_size=10,
                report_batch_item_failures=True,
                max_concurrency=objects_at_once,
            )
        )
        self._grant(raw, processed, catalogue, event_source, foundation.storage_key)
        self._route(raw, event_source, foundation.notifications)

    def _undelivered(self, foundation: Foundation) -> PlatformQueue:
        queue = PlatformQueue(self, "Undelivered", key=foundation.messaging_key)
        acknowledge(queue, "AwsSolutions-SQS3", reason="It is a dead-letter queue itself, of EventBridge's targets")
        waiting_alarm(
            self,
            "UndeliveredEvents",
            queue=queue,
            meaning="EventBridge could not hand results or refusals over for a day: people and programs miss them.",
            runbook="undelivered-events",
            to=foundation.alarms,
        )
        return queue

    def _grant(
        self,
        raw: s3.IBucket,
        processed: s3.IBucket,
        catalogue: dynamodb.ITableV2,
        event_source: str,
        storage_key: kms.IKey,
    ) -> None:
        statements = [
            iam.PolicyStatement(actions=["s3:GetObject", "s3:GetObjectVersion"], resources=[raw.arn_for_objects("*")]),
            # Without the right to list, S3 answers 403 instead of 404 for an object that is gone.
            iam.PolicyStatement(actions=["s3:ListBucket", "s3:ListBucketVersions"], resources=[raw.bucket_arn]),
            iam.PolicyStatement(
                actions=["s3:PutObject", "s3:AbortMultipartUpload"],
                resources=[processed.arn_for_objects("*")],
            ),
            iam.PolicyStatement(
                actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
                resources=[catalogue.table_arn],
            ),
            iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[storage_key.key_arn]),
            iam.PolicyStatement(
                actions=["events:PutEvents"],
                resources=[
                    cdk.Stack.of(self).format_arn(service="events", resource="event-bus", resource_name="default")
                ],
                conditions={"StringEquals": {"events:source": event_source}},
            ),
        ]
        for statement in statements:
            self.function.add_to_role_policy(statement)
        acknowledge(
            self,
            *(f"AwsSolutions-IAM5[Resource::{bucket.arn_for_objects('*')}]" for bucket in (raw, processed)),
            reason="Every object of the two buckets is the function's business; their keys are the clients' choice",
        )

    def _route(self, raw: s3.IBucket, event_source: str, notifications: sns.ITopic) -> None:
        events.Rule(
            self,
            "ObjectCreated",
            description="Raw objects to the queue",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [raw.bucket_name]}},
            ),
            # Redriven like every other dead letter: it is the same event.
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )
        processed = events.Rule(
            self,
            "ObjectProcessed",
            description="Results to people and programs",
            event_pattern=events.EventPattern(source=[event_source], detail_type=["Object Processed"]),
            # By its ARN: given the topic itself, CDK would admit EventBridge to it on behalf of every account.
            targets=[
                targets.SnsTopic(
                    sns.Topic.from_topic_arn(self, "Notifications", notifications.topic_arn),
                    dead_letter_queue=self.undelivered,
                )
            ],
        )
        acknowledge(
            processed,
            "Annotation::@aws-cdk/aws-events:ruleUnresolvedEnvironment",
            reason="The topic is of the rule's own region; only its ARN is not known before it is made",
        )
        events.Rule(
            self,
            "ObjectRefused",
            description="Refusals and final failures to the dead-letter queue, with their reasons",
            event_pattern=events.EventPattern(source=[event_source], detail_type=["Object Rejected", "Object Failed"]),
            targets=[targets.SqsQueue(self.dead_letters, dead_letter_queue=self.undelivered)],
        )
