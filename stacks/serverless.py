"""Serverless: the private data pipeline of a region."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.serverless.alarm_processor import AlarmProcessor
from constructs.serverless.config_change_processor import ConfigChangeProcessor
from constructs.serverless.foundation import Foundation
from constructs.serverless.object_processor import ObjectProcessor

from configuration.names import Bucket, Stacks
from stacks.networking import NetworkingStack
from stacks.security import SecurityStack
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps


class ServerlessStack(TapStack):
    """Functions in a network without a route to the internet, fed by events."""

    def __init__(
        self,
        scope: Construct,
        *,
        props: TapStackProps,
        security: SecurityStack,
        networking: NetworkingStack,
        storage: StorageStack,
    ) -> None:
        super().__init__(scope, Stacks.SERVERLESS, props=props, description="The private data pipeline")
        self.add_stack_dependency(storage, "the buckets and the catalogue are known by their names")
        self.catalogue = dynamodb.TableV2.from_table_name(self, "Catalogue", props.names.catalogue_table)
        settings = props.environment.serverless
        reserved = settings.reserved_concurrency
        foundation = self._foundation(security)
        self.object_processor = ObjectProcessor(
            self,
            "ObjectProcessor",
            raw=self._bucket("RawData", Bucket.RAW_DATA),
            processed=self._bucket("ProcessedData", Bucket.PROCESSED_DATA),
            catalogue=self.catalogue,
            event_source=props.names.event_source,
            foundation=foundation,
            vpc=networking.vpc,
            security_group=networking.security_groups.functions,
            objects_at_once=settings.objects_at_once,
            reserved_concurrency=reserved.process_object,
        )
        self.alarm_processor = AlarmProcessor(
            self, "AlarmProcessor", foundation=foundation, reserved_concurrency=reserved.process_alarm
        )
        self.config_change_processor = ConfigChangeProcessor(
            self, "ConfigChangeProcessor", foundation=foundation, reserved_concurrency=reserved.process_config_change
        )

    def _foundation(self, security: SecurityStack) -> Foundation:
        return Foundation(
            messaging_key=security.messaging_key,
            storage_key=security.storage_key,
            logs_key=security.logs_key,
            notifications=security.notification_topic,
            alerts=security.alert_topic,
            alarms=security.alarm_topic,
            log_retention_days=self.props.environment.log_retention_days,
            removal_policy=self.removal_policy,
            metrics_namespace=self.props.names.resource("Pipeline"),
        )

    def _bucket(self, construct_id: str, purpose: Bucket) -> s3.IBucket:
        """A bucket of the region by its name: policies then say in plain words what they mean."""
        return s3.Bucket.from_bucket_name(self, construct_id, self.props.names.bucket(purpose, self.region))
