"""Storage: the buckets of a region and the catalogue of the platform."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.storage.audit_archive import AuditArchive
from constructs.storage.audit_log_bucket import AuditLogBucket
from constructs.storage.catalogue import Catalogue
from constructs.storage.data_bucket import DataBucket
from constructs.storage.lifecycle import ageing_objects, served_objects
from constructs.storage.replicated_bucket import ReplicatedBucket, replicated_buckets
from constructs.storage.replication_failures import ReplicationFailures
from constructs.storage.replication_role import ReplicationRole

from configuration import Region
from configuration.names import REPLICATED, Bucket, Key, Stacks
from configuration.partition import PARTITION
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps


class StorageStack(TapStack):
    """The audit-log bucket first, then the buckets that log to it; in the home region also the catalogue.

    With a partner region there is also the role with which S3 replicates. The rules by which it does so are
    the replication stack's: a rule needs the buckets of both regions.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps, security: SecurityStack) -> None:
        super().__init__(scope, Stacks.STORAGE, props=props, description="Buckets and the catalogue")
        self._security = security
        self._key = security.storage_key
        settings = props.environment.storage

        self.audit_logs = AuditLogBucket(
            self,
            "AuditLogs",
            bucket_name=self._name(Bucket.AUDIT_LOGS),
            lifecycle_rules=ageing_objects(settings),
            removal_policy=self.removal_policy,
        )
        if props.environment.keeps_switches(props.region):
            self.audit_logs.admit_logs_of(self._name(Bucket.SWITCHES))
        if props.environment.retain_data:
            self._archive_audit_logs()
        self.replication_failures = self._replication_failures() if props.partner else None
        self.main = self._data_bucket("Main", Bucket.MAIN)
        self.raw_data = self._data_bucket("RawData", Bucket.RAW_DATA, sends_events=True)
        self.processed_data = self._data_bucket("ProcessedData", Bucket.PROCESSED_DATA)
        self.static_assets = self._data_bucket(
            "StaticAssets", Bucket.STATIC_ASSETS, lifecycle_rules=served_objects(settings)
        )
        self._admit_cloudfront()
        self.replication_role = self._replication_role(props.partner) if props.partner else None

        if props.is_home:
            self._catalogue()

    def _name(self, purpose: Bucket) -> str:
        return self.props.names.bucket(purpose, self.region)

    def _data_bucket(
        self,
        construct_id: str,
        purpose: Bucket,
        *,
        lifecycle_rules: list[s3.LifecycleRule] | None = None,
        sends_events: bool = False,
    ) -> DataBucket:
        return DataBucket(
            self,
            construct_id,
            bucket_name=self._name(purpose),
            key=self._key,
            access_logs=self.audit_logs,
            lifecycle_rules=lifecycle_rules or ageing_objects(self.props.environment.storage),
            removal_policy=self.removal_policy,
            replication_failures=self.replication_failures.queue if self.replication_failures else None,
            sends_events=sends_events,
        )

    def _archive_audit_logs(self) -> None:
        settings = self.props.environment.storage
        archive = AuditArchive(
            self,
            "AuditArchive",
            bucket_name=self._name(Bucket.AUDIT_ARCHIVE),
            lock_days=settings.audit_lock_days,
            lock_mode=settings.audit_lock_mode,
            abort_uploads_after_days=settings.abort_uploads_after_days,
            removal_policy=self.removal_policy,
        )
        role = ReplicationRole(
            self,
            "AuditArchiveRole",
            buckets=[ReplicatedBucket("Archive", self._name(Bucket.AUDIT_LOGS), self._name(Bucket.AUDIT_ARCHIVE))],
        )
        self.audit_logs.archive_to(archive, role=role)

    def _replication_failures(self) -> ReplicationFailures:
        return ReplicationFailures(
            self,
            "ReplicationFailures",
            key=self._security.messaging_key,
            buckets=[self._name(purpose) for purpose in REPLICATED],
            alarm_topic=self._security.alarm_topic,
        )

    def _replication_role(self, partner: Region) -> ReplicationRole:
        role = ReplicationRole(
            self,
            "ReplicationRole",
            buckets=replicated_buckets(self.props.names, region=self.region, partner=partner.name),
        )
        role.allow_keys(source_key=self._key, region=partner.name, alias=self.props.names.alias(Key.STORAGE))
        return role

    def _admit_cloudfront(self) -> None:
        """Let this account's distributions read the assets; the bucket is older than any of them.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
        """
        self.static_assets.add_to_resource_policy(
            iam.PolicyStatement(
                sid="DistributionsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["s3:GetObject"],
                resources=[self.static_assets.arn_for_objects("*")],
                conditions={"ArnLike": {"aws:SourceArn": f"arn:{PARTITION}:cloudfront::{self.account}:distribution/*"}},
            )
        )

    def _catalogue(self) -> Catalogue:
        environment = self.props.environment
        alias = environment.names.alias(Key.STORAGE)
        return Catalogue(
            self,
            "Catalogue",
            table_name=environment.names.catalogue_table,
            key=self._key,
            replica_keys={
                region.name: self.regional_arn("kms", alias, region=region.name)
                for region in environment.others_than(self.props.region)
            },
            deletion_protection=environment.retain_data,
            removal_policy=self.removal_policy,
        )
