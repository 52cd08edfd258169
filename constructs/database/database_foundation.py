"""What an instance stands on, whether it is written to or follows another."""

from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_rds as rds
from constructs import Construct
from constructs.database.monitoring_role import MonitoringRole
from constructs.database.mysql import EXPORTED_LOGS, MysqlParameters
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_log_group import PlatformLogGroup

from configuration.database import Database
from configuration.network import DATABASE_PORT

BACKUP_WINDOW = "01:00-02:00"
MAINTENANCE_WINDOW = "sun:08:00-sun:09:00"
"""Both in UTC, and apart from the backup plan's hours: in its own windows, and in the hour before them, RDS takes no
snapshot for AWS Backup."""


class DatabaseFoundation(Construct):
    """Subnets, parameters, log groups and monitoring of one instance, and the ``settings`` it is created with.

    A writer and its copies have the same settings, so that promotion changes nothing else: Multi-AZ, encrypted,
    in the isolated subnets, with backups of its own.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        instance_identifier: str,
        settings: Database,
        backup_retention_days: int,
        key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        retain_data: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self._retain_data = retain_data
        self.log_groups = [
            PlatformLogGroup(
                self,
                f"{log.capitalize()}Logs",
                # RDS writes to groups of these names and would make them without key and retention.
                log_group_name=f"/aws/rds/instance/{instance_identifier}/{log}",
                key=logs_key,
                retention_days=log_retention_days,
                removal_policy=cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
                if retain_data
                else cdk.RemovalPolicy.DESTROY,
            )
            for log in EXPORTED_LOGS
        ]
        self.settings: dict[str, Any] = {
            "instance_identifier": instance_identifier,
            "instance_type": ec2.InstanceType(settings.instance_class),
            "vpc": vpc,
            "subnet_group": rds.SubnetGroup(
                self,
                "Subnets",
                description="The isolated subnets",
                vpc=vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                removal_policy=cdk.RemovalPolicy.DESTROY,
            ),
            "security_groups": [security_group],
            "parameter_group": MysqlParameters(self, "Parameters"),
            "port": DATABASE_PORT,
            "multi_az": True,
            "publicly_accessible": False,
            "storage_encryption_key": key,
            "storage_type": rds.StorageType.GP3,
            "max_allocated_storage": settings.storage_limit_gib,
            "preferred_backup_window": BACKUP_WINDOW,
            "preferred_maintenance_window": MAINTENANCE_WINDOW,
            "backup_retention": cdk.Duration.days(backup_retention_days),
            "delete_automated_backups": not retain_data,
            "copy_tags_to_snapshot": True,
            "auto_minor_version_upgrade": True,
            "deletion_protection": retain_data,
            # With the final snapshot that CloudFormation takes of an instance that leaves the template.
            "removal_policy": cdk.RemovalPolicy.SNAPSHOT if retain_data else cdk.RemovalPolicy.DESTROY,
            "cloudwatch_logs_exports": list(EXPORTED_LOGS),
            "database_insights_mode": rds.DatabaseInsightsMode.STANDARD,
            "enable_performance_insights": True,
            "performance_insight_encryption_key": key,
            "performance_insight_retention": rds.PerformanceInsightRetention.DEFAULT,
            "monitoring_interval": cdk.Duration.minutes(1),
            "monitoring_role": MonitoringRole(self, "MonitoringRole", instance_identifier=instance_identifier),
        }

    def carry(self, instance: rds.IDatabaseInstance) -> None:
        """Have ``instance`` wait for what it stands on, and accept the findings that every instance has."""
        instance.node.add_dependency(self)
        acknowledge(
            instance,
            "AwsSolutions-RDS11",
            reason="Another port than MySQL's hides nothing from who is in the network, which few are",
        )
        if not self._retain_data:
            acknowledge(
                instance,
                "AwsSolutions-RDS10",
                reason="The environment file says with retain_data that this environment can be deleted",
            )
