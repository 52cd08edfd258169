"""Where the region's containers run."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_kms as kms
from constructs import Construct
from constructs.shared.platform_log_group import PlatformLogGroup


class ServiceCluster(Construct):
    """A cluster on Fargate with detailed metrics, which records what is done in shells opened by ECS Exec."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.exec_log_group = PlatformLogGroup(
            self, "ExecLogGroup", key=logs_key, retention_days=log_retention_days, removal_policy=removal_policy
        )
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            vpc=vpc,
            container_insights_v2=ecs.ContainerInsights.ENHANCED,
            execute_command_configuration=ecs.ExecuteCommandConfiguration(
                kms_key=logs_key,
                log_configuration=ecs.ExecuteCommandLogConfiguration(
                    cloud_watch_log_group=self.exec_log_group, cloud_watch_encryption_enabled=True
                ),
                logging=ecs.ExecuteCommandLogging.OVERRIDE,
            ),
        )
