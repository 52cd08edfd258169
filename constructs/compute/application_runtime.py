"""What the application is told and what it may do, the same on instances and in containers."""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import aws_iam as iam
from constructs.shared.acknowledgement import acknowledge

from application.items import PARTITION_PREFIX
from configuration.compute import Application
from configuration.network import DATABASE_PORT


@dataclass(frozen=True, kw_only=True)
class ApplicationRuntime:
    """The application's surroundings in a region, by names; ARNs are those of the same things.

    ``storage_key_arn`` encrypts the table and the bucket, ``database_key_arn`` the secret.
    """

    settings: Application
    region: str
    database_host: str
    database_secret: str
    database_secret_arn: str
    database_key_arn: str
    table: str
    table_arn: str
    bucket: str
    bucket_arn: str
    storage_key_arn: str

    def environment(self, *, version: str) -> dict[str, str]:
        """The application's environment variables; what the environment file adds cannot replace any of these."""
        return self.settings.environment | {
            "APPLICATION_VERSION": version,
            "AWS_REGION": self.region,
            "BUCKET_NAME": self.bucket,
            "DATABASE_HOST": self.database_host,
            "DATABASE_PORT": str(DATABASE_PORT),
            "DATABASE_SECRET": self.database_secret,
            "PORT": str(self.settings.port),
            "TABLE_NAME": self.table,
        }

    def grant(self, role: iam.Role) -> None:
        """Let ``role`` do with the application's data what the environment file says, and keep its items always."""
        for statement in self._statements():
            role.add_to_policy(statement)
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::{self.bucket_arn}/*]",
            reason="The objects of the application's own bucket, whose names are the application's affair",
        )

    def _statements(self) -> Iterator[iam.PolicyStatement]:
        yield iam.PolicyStatement(
            sid="OwnItems",
            actions=["dynamodb:GetItem", "dynamodb:PutItem"],
            resources=[self.table_arn],
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [f"{PARTITION_PREFIX}*"]}},
        )
        yield self._decryption("Table", "dynamodb", self.storage_key_arn)
        # By the right to list, the bucket tells whether it is there: that is the health check.
        yield iam.PolicyStatement(sid="SeeBucket", actions=["s3:ListBucket"], resources=[self.bucket_arn])
        if "objects" in self.settings.access:
            yield iam.PolicyStatement(
                sid="Objects", actions=["s3:GetObject", "s3:PutObject"], resources=[f"{self.bucket_arn}/*"]
            )
            yield self._decryption("Bucket", "s3", self.storage_key_arn, "kms:GenerateDataKey")
        if "database-credentials" in self.settings.access:
            yield iam.PolicyStatement(
                sid="DatabaseCredentials",
                actions=["secretsmanager:GetSecretValue"],
                resources=[self.database_secret_arn],
            )
            yield self._decryption("Secret", "secretsmanager", self.database_key_arn)

    def _decryption(self, of: str, service: str, key_arn: str, *further: str) -> iam.PolicyStatement:
        """The use of a key through one service only."""
        return iam.PolicyStatement(
            sid=f"{of}Key",
            actions=["kms:Decrypt", *further],
            resources=[key_arn],
            conditions={"StringEquals": {"kms:ViaService": f"{service}.{self.region}.amazonaws.com"}},
        )
