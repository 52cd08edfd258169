"""Where a region's recovery points are kept."""

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_kms as kms
from constructs import Construct


class PlatformVault(backup.BackupVault):
    """A vault with a key of its own. Where data is retained, nobody deletes a recovery point before its time.

    ``retention_days`` are the shortest and the longest retention the plan asks for. ``lock_final_after_days``
    makes the lock one that nobody can lift after that many days; without it a permitted person can.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vault_name: str,
        key: kms.IKey,
        retention_days: tuple[int, int],
        lock_final_after_days: int | None,
        retain_data: bool,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        shortest, longest = retention_days
        lock = backup.LockConfiguration(
            min_retention=cdk.Duration.days(shortest),
            max_retention=cdk.Duration.days(longest),
            changeable_for=cdk.Duration.days(lock_final_after_days) if lock_final_after_days else None,
        )
        super().__init__(
            scope,
            construct_id,
            backup_vault_name=vault_name,
            encryption_key=key,
            lock_configuration=lock if retain_data else None,
            block_recovery_point_deletion=retain_data,
            removal_policy=removal_policy,
        )
