"""Serverless: the private data pipeline of a region."""

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct
from constructs.serverless.object_processor import ObjectProcessor

from configuration.names import Stacks
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
        self.catalogue = dynamodb.TableV2.from_table_name(self, "Catalogue", props.names.catalogue_table)
        self.object_processor = ObjectProcessor(
            self,
            "ObjectProcessor",
            raw=storage.raw_data,
            processed=storage.processed_data,
            catalogue=self.catalogue,
            event_source=props.names.event_source,
            notifications=security.notification_topic,
            messaging_key=security.messaging_key,
            storage_key=security.storage_key,
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
            vpc=networking.vpc,
            security_group=networking.function_security_group,
            metrics_namespace=props.names.resource("Pipeline"),
        )
