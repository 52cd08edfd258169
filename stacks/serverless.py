"""Serverless: the private data pipeline of a region and the API before it, and what tells people about alarms."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.dns.public_zone import public_zone
from constructs.serverless.alarm_processor import AlarmProcessor
from constructs.serverless.api_domain import ApiDomain
from constructs.serverless.config_change_processor import ConfigChangeProcessor
from constructs.serverless.foundation import Foundation
from constructs.serverless.object_processor import ObjectProcessor
from constructs.serverless.pipeline_api import PipelineApi
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.published_value import publish
from constructs.shared.regional_web_acl import RegionalWebAcl

from configuration.names import Bucket, Stacks
from stacks.networking import NetworkingStack
from stacks.security import SecurityStack
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps

API_URL = "ApiUrl"
"""The output under which the stack publishes its API's address."""


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
        self._raw = self._bucket("RawData", Bucket.RAW_DATA)
        self._processed = self._bucket("ProcessedData", Bucket.PROCESSED_DATA)
        settings = props.environment.serverless
        reserved = settings.reserved_concurrency
        foundation = self._foundation(security)
        self.object_processor = ObjectProcessor(
            self,
            "ObjectProcessor",
            raw=self._raw,
            processed=self._processed,
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

        self.api = self._api(networking, foundation)
        self._guard_api(security)
        publish(self, API_URL, self.api.gateway.rest_api.url)

    def _api(self, networking: NetworkingStack, foundation: Foundation) -> PipelineApi:
        environment, names = self.props.environment, self.props.names
        settings = environment.serverless
        regions = (self.props.region, *environment.others_than(self.props.region))
        return PipelineApi(
            self,
            "Api",
            api_name=names.resource("Api"),
            raw=self._raw,
            raw_buckets=[names.bucket(Bucket.RAW_DATA, region.name) for region in regions],
            processed=self._processed,
            catalogue=self.catalogue,
            foundation=foundation,
            vpc=networking.vpc,
            security_group=networking.security_groups.functions,
            requests_per_second=settings.api.requests_per_second,
            burst=settings.api.burst,
            reserved_concurrency=settings.reserved_concurrency.api,
        )

    def _guard_api(self, security: SecurityStack) -> None:
        """What the file may switch on around the API: a firewall, a name."""
        settings, stage = self.props.environment.serverless.api, self.api.gateway.rest_api.deployment_stage
        if settings.waf.enabled:
            RegionalWebAcl(
                self,
                "ApiFirewall",
                protected_arn=stage.stage_arn,
                after=stage,
                requests_per_five_minutes=settings.waf.requests_per_five_minutes,
                log_group_name=self.props.names.web_acl_logs(Stacks.SERVERLESS),
                logs_key=security.logs_key,
                log_retention_days=self.props.environment.log_retention_days,
                removal_policy=self.removal_policy,
            )
        else:
            acknowledge(stage, "AwsSolutions-APIG3", reason="The environment's file switches the firewall off")
        if settings.custom_domain:
            domain = self.props.environment.domain
            ApiDomain(
                self,
                "ApiDomain",
                domain_name=settings.custom_domain.name,
                certificate_arn=settings.custom_domain.certificates[self.region],
                api=self.api.gateway.rest_api,
                zone=public_zone(self, "Zone", domain=domain, names=self.props.names),
                region=self.region,
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
