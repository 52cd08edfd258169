"""The application on Fargate."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_logs as logs
from constructs import Construct
from constructs.compute.application_container import ApplicationContainer
from constructs.compute.application_runtime import ApplicationRuntime
from constructs.compute.service_cluster import ServiceCluster
from constructs.shared.acknowledgement import acknowledge, logical_id

from configuration.compute import Containers
from configuration.partition import PARTITION

_START = cdk.Duration.minutes(2)


class ContainerService(Construct):
    """Tasks that run the application behind ``targets``, spread over every zone, as many as CPU and memory ask for.

    A release starts new tasks beside the old ones. It is rolled back when they do not come up, and when clients
    get errors from the service while it goes on.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cluster: ServiceCluster,
        security_group: ec2.ISecurityGroup,
        targets: elb.ApplicationTargetGroup,
        runtime: ApplicationRuntime,
        version: str,
        settings: Containers,
        log_group: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self.task = ApplicationContainer(
            self, "Task", runtime=runtime, version=version, settings=settings, log_group=log_group
        )
        self.errors = self._errors(targets)
        self.service = ecs.FargateService(
            self,
            "Service",
            cluster=cluster.cluster,
            task_definition=self.task.definition,
            platform_version=ecs.FargatePlatformVersion.LATEST,
            assign_public_ip=False,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            security_groups=[security_group],
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.ENABLED,
            min_healthy_percent=100,
            max_healthy_percent=200,
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            deployment_alarms=ecs.DeploymentAlarmConfig(
                alarm_names=[self.errors.alarm_name], behavior=ecs.AlarmBehavior.ROLLBACK_ON_ALARM
            ),
            health_check_grace_period=_START,
            enable_execute_command=settings.exec,
            enable_ecs_managed_tags=True,
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        # Its policy too: a task that starts before it cannot open its log and counts as a failed start.
        self.service.node.add_dependency(self.task.execution_role)
        if settings.exec:
            stack, exec_logs = cdk.Stack.of(self), logical_id(cluster.exec_log_group)
            logs_arn = f"arn:{PARTITION}:logs:{stack.region}:{stack.account}:log-group:<{exec_logs}>:*"
            acknowledge(
                self.task.task_role,
                "AwsSolutions-IAM5[Resource::*]",
                f"AwsSolutions-IAM5[Resource::{logs_arn}]",
                reason="ECS Exec: its message channels know no resource, its log streams are named by the session",
            )
        self.service.attach_to_application_target_group(targets)
        # No count of its own: a release would set the tasks back to it, however many were serving.
        scaling = self.service.auto_scale_task_count(min_capacity=settings.minimum, max_capacity=settings.maximum)
        scaling.scale_on_cpu_utilization("Cpu", target_utilization_percent=settings.cpu_target_percent)
        scaling.scale_on_memory_utilization("Memory", target_utilization_percent=settings.memory_target_percent)

    def _errors(self, targets: elb.ApplicationTargetGroup) -> cloudwatch.Alarm:
        """By the targets' metric and not the service's: the service waits for the alarm, not the alarm for it."""
        return cloudwatch.Alarm(
            self,
            "Errors",
            alarm_description="The service's tasks answer with errors; a deployment going on is rolled back.",
            metric=targets.metrics.http_code_target(
                elb.HttpCodeTarget.TARGET_5XX_COUNT, period=cdk.Duration.minutes(1), statistic="Sum"
            ),
            threshold=10,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
