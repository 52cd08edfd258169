"""What AWS Backup may do: to take and copy recovery points, and to rehearse their restore.

Own statements in place of AWS's managed policies, which reach every service that AWS Backup knows, in every
region: these name two kinds of resources, two regions, and keys by their aliases.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForRestores.html
"""

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.partition import PARTITION

_RESTORED = "awsbackup-restore-test-"
"""How AWS Backup names what it restores for a test.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing-inferred-metadata.html
"""


class _BackupServiceRole(iam.Role):
    """A role of AWS Backup, and the keys behind ``key_aliases`` in ``regions`` by which it reads and writes."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        description: str,
        regions: Sequence[str],
        key_aliases: Sequence[str],
    ) -> None:
        super().__init__(
            scope, construct_id, assumed_by=iam.ServicePrincipal("backup.amazonaws.com"), description=description
        )
        self.account = cdk.Stack.of(self).account
        self.regions = list(regions)
        self._aliases = list(key_aliases)

    def arns(self, service: str, resource: str) -> list[str]:
        """The ARNs of a resource of this account in every region of the role."""
        # Snapshots of volumes are the one kind here whose ARN names no account.
        account = "" if resource.startswith("snapshot/") else self.account
        return [f"arn:{PARTITION}:{service}:{region}:{account}:{resource}" for region in self.regions]

    def allow(self, actions: list[str], resources: list[str], conditions: dict[str, Any] | None = None) -> None:
        """Allow ``actions``; a wildcard in ``resources`` stands for names that AWS gives later."""
        self.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources, conditions=conditions))
        wildcards = [resource for resource in resources if "*" in resource]
        if wildcards:
            acknowledge(
                self,
                *(f"AwsSolutions-IAM5[Resource::{resource}]" for resource in wildcards),
                reason="Snapshots, restored resources and keys are known to the platform by kind, tag or alias only",
            )

    def allow_keys(self, data_actions: list[str]) -> None:
        """Let RDS and EC2 use the keys on the role's behalf: by grants, and for volumes by ``data_actions``."""
        keys = self.arns("kms", "key/*")
        borne = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": self._aliases}}
        services = [f"{service}.{region}.amazonaws.com" for service in ("ec2", "rds") for region in self.regions]
        self.allow(["kms:DescribeKey"], keys, borne)
        self.allow(["kms:CreateGrant"], keys, {**borne, "Bool": {"kms:GrantIsForAWSResource": "true"}})
        self.allow(data_actions, keys, {**borne, "StringEquals": {"kms:ViaService": services}})


class BackupRole(_BackupServiceRole):
    """Takes snapshots of databases and volumes and copies them between the vaults of ``regions``."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vault_name: str,
        regions: Sequence[str],
        key_aliases: Sequence[str],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Takes recovery points and copies them",
            regions=regions,
            key_aliases=key_aliases,
        )
        snapshots = self.arns("rds", "snapshot:*")
        self.allow(
            ["rds:DescribeDBInstances", "rds:ListTagsForResource", "rds:AddTagsToResource", "rds:CreateDBSnapshot"],
            [*self.arns("rds", "db:*"), *snapshots],
        )
        self.allow(["rds:CopyDBSnapshot", "rds:DescribeDBSnapshots"], snapshots)
        self.allow(["rds:DeleteDBSnapshot"], self.arns("rds", "snapshot:awsbackup:*"))
        volume_snapshots = self.arns("ec2", "snapshot/*")
        self.allow(["ec2:CreateSnapshot"], [*self.arns("ec2", "volume/*"), *volume_snapshots])
        self.allow(["ec2:CopySnapshot", "ec2:DeleteSnapshot", "ec2:CreateTags"], volume_snapshots)
        self.allow(
            # None of these knows a resource.
            ["ec2:DescribeVolumes", "ec2:DescribeSnapshots", "ec2:DescribeTags", "tag:GetResources"],
            ["*"],
        )
        self.allow(
            ["backup:DescribeBackupVault", "backup:CopyIntoBackupVault"],
            self.arns("backup", f"backup-vault:{vault_name}"),
        )
        self.allow(["backup:CopyFromBackupVault"], ["*"])
        self.allow_keys(["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"])


class RestoreTestRole(_BackupServiceRole):
    """Restores databases and volumes under names of their own; AWS Backup's service-linked role deletes them again."""

    def __init__(
        self, scope: Construct, construct_id: str, *, regions: Sequence[str], key_aliases: Sequence[str]
    ) -> None:
        super().__init__(
            scope, construct_id, description="Rehearses restores", regions=regions, key_aliases=key_aliases
        )
        restored = self.arns("rds", f"db:{_RESTORED}*")
        self.allow(
            ["rds:RestoreDBInstanceFromDBSnapshot", "rds:CreateDBInstance", "rds:AddTagsToResource"],
            [
                *restored,
                *self.arns("rds", "snapshot:awsbackup:*"),
                *(arn for kind in ("subgrp", "pg", "og") for arn in self.arns("rds", f"{kind}:*")),
            ],
        )
        self.allow(
            ["rds:DescribeDBInstances", "rds:DescribeDBSnapshots", "rds:ListTagsForResource"],
            [*self.arns("rds", "db:*"), *self.arns("rds", "snapshot:*")],
        )
        volumes = self.arns("ec2", "volume/*")
        self.allow(["ec2:CreateVolume"], [*volumes, *self.arns("ec2", "snapshot/*")])
        self.allow(["ec2:CreateTags"], volumes, {"StringEquals": {"ec2:CreateAction": "CreateVolume"}})
        self.allow(
            [
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSnapshots",
                "ec2:DescribeSubnets",
                "ec2:DescribeVolumes",
                "ec2:DescribeVpcs",
            ],
            ["*"],
        )
        self.allow_keys(
            [
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ]
        )
