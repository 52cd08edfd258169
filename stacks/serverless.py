"""Serverless: the private data pipeline of a region."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct
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
        self.object_processor = ObjectProcessor(
            self,
            "ObjectProcessor",
            raw=self._bucket("RawData", Bucket.RAW_DATA),
            processed=self._bucket("ProcessedData", Bucket.PROCESSED_DATA),
            catalogue=self.catalogue,
            event_source=props.names.event_source,
            notifications=security.notification_topic,
            messaging_key=security.messaging_key,
            storage_key=security.storage_key,
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
            vpc=networking.vpc,
            security_group=networking.security_groups.functions,
            metrics_namespace=props.names.resource("Pipeline"),
        )

    def _bucket(self, construct_id: str, purpose: Bucket) -> s3.IBucket:
        """A bucket of the region by its name: policies then say in plain words what they mean."""
        return s3.Bucket.from_bucket_name(self, construct_id, self.props.names.bucket(purpose, self.region))
