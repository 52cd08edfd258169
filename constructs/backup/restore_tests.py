"""Proof that recovery points can be restored."""

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rds as rds
from constructs import Construct


class RestoreTests(Construct):
    """Restores the latest recovery point of every database and volume once a week, and deletes it afterwards.

    Databases are restored into the isolated subnets of ``vpc`` behind ``security_group``, so that nobody reaches
    them but who reaches the database.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        plan_name: str,
        vault: backup.IBackupVault,
        role: iam.IRole,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        subnets = rds.SubnetGroup(
            self,
            "Subnets",
            description="The isolated subnets, for restored databases",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.plan = backup.CfnRestoreTestingPlan(
            self,
            "Plan",
            restore_testing_plan_name=plan_name,
            schedule_expression="cron(0 10 ? * MON *)",
            start_window_hours=4,
            recovery_point_selection=backup.CfnRestoreTestingPlan.RestoreTestingRecoveryPointSelectionProperty(
                algorithm="LATEST_WITHIN_WINDOW",
                include_vaults=[vault.backup_vault_arn],
                recovery_point_types=["SNAPSHOT"],
                selection_window_days=7,
            ),
        )
        overrides = {
            "RDS": {
                "dbSubnetGroupName": subnets.subnet_group_name,
                "vpcSecurityGroupIds": cdk.Fn.join("", ['["', security_group.security_group_id, '"]']),
            },
            "EBS": None,
        }
        for kind, metadata in overrides.items():
            selection = backup.CfnRestoreTestingSelection(
                self,
                kind,
                restore_testing_plan_name=self.plan.restore_testing_plan_name,
                restore_testing_selection_name=kind,
                protected_resource_type=kind,
                protected_resource_arns=["*"],
                iam_role_arn=role.role_arn,
                restore_metadata_overrides=metadata,
                validation_window_hours=1,
            )
            selection.node.add_dependency(self.plan)
            selection.node.add_dependency(role)
