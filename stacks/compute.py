"""Compute: where the company's services run."""

from aws_cdk import aws_ecs as ecs
from constructs import Construct
from constructs.shared.platform_log_group import PlatformLogGroup

from configuration.names import Stacks
from stacks.networking import NetworkingStack
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps


class ComputeStack(TapStack):
    """The cluster of the region's services."""

    def __init__(
        self, scope: Construct, *, props: TapStackProps, security: SecurityStack, networking: NetworkingStack
    ) -> None:
        super().__init__(scope, Stacks.COMPUTE, props=props, description="Services on EC2 and Fargate")
        self.exec_log_group = PlatformLogGroup(
            self,
            "ExecLogGroup",
            key=security.logs_key,
            retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.cluster = ecs.Cluster(
            self,
            "Cluster",
            vpc=networking.vpc,
            container_insights_v2=ecs.ContainerInsights.ENHANCED,
            enable_fargate_capacity_providers=True,
            execute_command_configuration=ecs.ExecuteCommandConfiguration(
                kms_key=security.logs_key,
                log_configuration=ecs.ExecuteCommandLogConfiguration(
                    cloud_watch_log_group=self.exec_log_group, cloud_watch_encryption_enabled=True
                ),
                logging=ecs.ExecuteCommandLogging.OVERRIDE,
            ),
        )
