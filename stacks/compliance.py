"""Compliance: what is recorded of a region's resources and held against rules."""

from aws_cdk import aws_config as config
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.compliance.config_recorder import ConfigRecorder

from configuration.names import Bucket, Stacks
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps


class ComplianceStack(TapStack):
    """AWS Config: recorder, delivery channel and rules."""

    def __init__(self, scope: Construct, *, props: TapStackProps, storage: StorageStack) -> None:
        super().__init__(scope, Stacks.COMPLIANCE, props=props, description="AWS Config")
        self.add_stack_dependency(storage, "the audit-log bucket is known by its name")
        audit_logs = s3.Bucket.from_bucket_name(self, "AuditLogs", props.names.bucket(Bucket.AUDIT_LOGS, self.region))
        self.recorder = ConfigRecorder(self, "Recorder", bucket=audit_logs, record_global_types=props.is_home)
        encrypted = config.ManagedRule(
            self,
            "BucketsEncrypted",
            identifier=config.ManagedRuleIdentifiers.S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED,
        )
        encrypted.node.add_dependency(self.recorder)
