"""The end of a vault in an environment that retains no data."""

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.python_function import PythonFunction

from configuration.partition import PARTITION


class VaultCleanup(Construct):
    """Deletes the vault's recovery points before the vault, which AWS Backup would otherwise refuse to delete."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vault: backup.IBackupVault,
        environment_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
    ) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Function",
            package="empty_vault",
            description="Empties the backup vault when it is deleted",
            environment={},
            environment_key=environment_key,
            logs_key=logs_key,
            log_retention_days=log_retention_days,
            removal_policy=cdk.RemovalPolicy.DESTROY,
            timeout=cdk.Duration.minutes(15),
        )
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["backup:ListRecoveryPointsByBackupVault"], resources=[vault.backup_vault_arn])
        )
        stack = cdk.Stack.of(self)
        # A recovery point is known by the ARN of its snapshot.
        snapshots = [
            f"arn:{PARTITION}:ec2:{stack.region}::snapshot/*",
            f"arn:{PARTITION}:rds:{stack.region}:{stack.account}:snapshot:awsbackup:*",
        ]
        function.add_to_role_policy(iam.PolicyStatement(actions=["backup:DeleteRecoveryPoint"], resources=snapshots))
        acknowledge(
            self,
            *(f"AwsSolutions-IAM5[Resource::{snapshot}]" for snapshot in snapshots),
            reason="AWS Backup names the snapshots when it takes them",
        )
        contents = cdk.CustomResource(
            self,
            "Contents",
            service_token=function.function_arn,
            resource_type="Custom::VaultContents",
            properties={"BackupVaultName": vault.backup_vault_name},
            service_timeout=cdk.Duration.minutes(16),
        )
        # What it may do must outlive it.
        contents.node.add_dependency(function)
