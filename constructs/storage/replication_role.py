"""What S3 may do when it replicates."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.storage.replicated_bucket import ReplicatedBucket

from configuration.partition import PARTITION


class ReplicationRole(iam.Role):
    """Lets S3 copy every version, deletion and change of ``buckets`` to their destinations, and nothing else.

    The buckets are known by name: a destination belongs to another region, and a source that has its rule in its
    own stack would wait for the role that waits for it.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, buckets: Sequence[ReplicatedBucket]) -> None:
        super().__init__(
            scope,
            construct_id,
            assumed_by=iam.ServicePrincipal("s3.amazonaws.com"),
            description="What S3 may do when it replicates",
        )
        sources = [f"arn:{PARTITION}:s3:::{bucket.source}" for bucket in buckets]
        targets = [f"arn:{PARTITION}:s3:::{bucket.destination}" for bucket in buckets]
        self._sources, self._targets = sources, targets
        self._allow(["s3:GetReplicationConfiguration", "s3:ListBucket"], sources)
        self._allow(
            ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
            [f"{source}/*" for source in sources],
        )
        self._allow(
            ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"], [f"{target}/*" for target in targets]
        )
        acknowledge(
            self,
            *(f"AwsSolutions-IAM5[Resource::{bucket}/*]" for bucket in (*sources, *targets)),
            reason="Every object of these buckets is replicated",
        )

    def allow_keys(self, *, source_key: kms.IKey, region: str, alias: str) -> None:
        """Decrypt with this region's key, and encrypt with the key of the same alias in ``region``.

        An IAM policy cannot name a key by its alias; it can demand that the key bears it. Bucket keys are used,
        so the encryption context is the bucket.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
        """
        stack = cdk.Stack.of(self)
        self._allow_key(
            ["kms:Decrypt"],
            source_key.key_arn,
            service=f"s3.{stack.region}.amazonaws.com",
            buckets=self._sources,
        )
        keys = f"arn:{PARTITION}:kms:{region}:{stack.account}:key/*"
        self._allow_key(
            ["kms:Encrypt", "kms:GenerateDataKey"],
            keys,
            service=f"s3.{region}.amazonaws.com",
            buckets=self._targets,
            alias=alias,
        )
        acknowledge(
            self,
            f"AwsSolutions-IAM5[Resource::{keys}]",
            reason="The other region's key is known by its alias, which the statement's condition demands",
        )

    def _allow(self, actions: list[str], resources: list[str]) -> None:
        self.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))

    def _allow_key(
        self, actions: list[str], key: str, *, service: str, buckets: list[str], alias: str | None = None
    ) -> None:
        conditions: dict[str, object] = {
            "StringEquals": {"kms:ViaService": service},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [*buckets, *(f"{bucket}/*" for bucket in buckets)]},
        }
        if alias is not None:
            conditions["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": alias}
        self.add_to_policy(iam.PolicyStatement(actions=actions, resources=[key], conditions=conditions))
