"""Storage: the buckets of a region and the catalogue of the platform."""

from constructs import Construct
from constructs.storage.audit_log_bucket import AuditLogBucket
from constructs.storage.catalogue import Catalogue
from constructs.storage.data_bucket import DataBucket

from configuration.names import Bucket, Key, Stacks
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps


class StorageStack(TapStack):
    """The audit-log bucket first, then the buckets that log to it; in the home region also the catalogue."""

    def __init__(self, scope: Construct, *, props: TapStackProps, security: SecurityStack) -> None:
        super().__init__(scope, Stacks.STORAGE, props=props, description="Buckets and the catalogue")
        self._key = security.storage_key

        self.audit_logs = AuditLogBucket(
            self,
            "AuditLogs",
            bucket_name=props.names.bucket(Bucket.AUDIT_LOGS, self.region),
            removal_policy=self.removal_policy,
        )
        self.raw_data = self._data_bucket("RawData", Bucket.RAW_DATA)
        self.raw_data.send_events()
        self.processed_data = self._data_bucket("ProcessedData", Bucket.PROCESSED_DATA)
        self.static_assets = self._data_bucket("StaticAssets", Bucket.STATIC_ASSETS)

        if props.is_home:
            self._catalogue()

    def _data_bucket(self, construct_id: str, purpose: Bucket) -> DataBucket:
        return DataBucket(
            self,
            construct_id,
            bucket_name=self.props.names.bucket(purpose, self.region),
            key=self._key,
            access_logs=self.audit_logs,
            removal_policy=self.removal_policy,
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
