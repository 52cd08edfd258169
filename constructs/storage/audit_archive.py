"""Audit logs that nobody can change."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge


class AuditArchive(s3.Bucket):
    """Keeps a copy of every audit log under Object Lock for ``lock_days``.

    A bucket apart, because S3 delivers access logs to no bucket with Object Lock; logs are delivered to the
    audit-log bucket and replicated here from there. After the lock they stay as long again before they expire.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        lock_days: int,
        lock_mode: str,
        abort_uploads_after_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        lock = s3.ObjectLockRetention.compliance if lock_mode == "compliance" else s3.ObjectLockRetention.governance
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            object_lock_enabled=True,
            object_lock_default_retention=lock(cdk.Duration.days(lock_days)),
            removal_policy=removal_policy,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="Expire",
                    expiration=cdk.Duration.days(lock_days),
                    noncurrent_version_expiration=cdk.Duration.days(lock_days),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(abort_uploads_after_days),
                ),
            ],
        )
        acknowledge(
            self,
            "AwsSolutions-S1",
            reason="An access log of this bucket would be archived in it, which is an access that is logged",
        )
