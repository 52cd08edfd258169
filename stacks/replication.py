"""Replication: the rules by which a region's objects reach its partner, and the alarms on what lags behind."""

from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.storage.bucket_replication import RULE, BucketReplication
from constructs.storage.catalogue_lag import CatalogueLag
from constructs.storage.replicated_bucket import replicated_buckets
from constructs.storage.replication_lag import ReplicationLag

from configuration import Region
from configuration.names import Key, Stacks
from stacks.security import SecurityStack
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps


class ReplicationStack(TapStack):
    """Apart from the storage stack and after both regions' storage: a rule needs the buckets of both.

    It exists where a region has a partner; ``role`` is the one with which S3 replicates.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        props: TapStackProps,
        partner: Region,
        role: iam.IRole,
        security: SecurityStack,
        storage: StorageStack,
    ) -> None:
        super().__init__(scope, Stacks.REPLICATION, props=props, description=f"Objects' way to {partner.name}")
        names = props.names
        buckets = replicated_buckets(names, region=self.region, partner=partner.name)
        self.add_stack_dependency(storage, "the buckets are known by their names")
        self.rules = BucketReplication(
            self,
            "Rules",
            buckets=buckets,
            destination_key=self.regional_arn("kms", names.alias(Key.STORAGE), region=partner.name),
            role=role,
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.lag = ReplicationLag(
            self,
            "Lag",
            buckets=buckets,
            rule=RULE,
            minutes=props.environment.storage.replication_lag_minutes,
            alarm_topic=security.alarm_topic,
        )
        self.catalogue_lag = CatalogueLag(
            self,
            "CatalogueLag",
            table_name=names.catalogue_table,
            receiving=[region.name for region in props.environment.others_than(props.region)],
            seconds=props.environment.storage.catalogue_lag_seconds,
            alarm_topic=security.alarm_topic,
        )
