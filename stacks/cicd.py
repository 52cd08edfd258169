"""CICD: how releases reach the regions."""

from constructs import Construct
from constructs.shared.platform_key import PlatformKey
from constructs.storage.audit_log_bucket import AuditLogBucket
from constructs.storage.data_bucket import DataBucket
from constructs.storage.lifecycle import ageing_objects

from configuration.names import Bucket, Key, Stacks
from stacks.tap_stack import TapStack, TapStackProps


class CicdStack(TapStack):
    """The artifacts of releases in one region."""

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.CICD, props=props, description="Releases")
        self.key = PlatformKey(
            self,
            "ArtifactsKey",
            alias=props.names.alias(Key.ARTIFACTS),
            description=f"Release artifacts of {props.names.prefix}",
            removal_policy=self.removal_policy,
        )
        self.access_logs = AuditLogBucket(
            self,
            "AccessLogs",
            bucket_name=props.names.bucket(Bucket.ARTIFACT_LOGS, self.region),
            lifecycle_rules=ageing_objects(props.environment.storage),
            removal_policy=self.removal_policy,
        )
        self.artifacts = DataBucket(
            self,
            "Artifacts",
            bucket_name=props.names.bucket(Bucket.ARTIFACTS, self.region),
            key=self.key,
            access_logs=self.access_logs,
            lifecycle_rules=ageing_objects(props.environment.storage),
            removal_policy=self.removal_policy,
        )
