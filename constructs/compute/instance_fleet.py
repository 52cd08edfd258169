"""The application on EC2."""

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct
from constructs.compute.application_package import ApplicationPackage
from constructs.compute.application_runtime import ApplicationRuntime
from constructs.compute.cloudwatch_agent import agent_configuration, agent_statements, memory_metric
from constructs.compute.instance_setup import instance_user_data
from constructs.shared.acknowledgement import acknowledge

from configuration.compute import Instances

# Amazon Linux 2023 with the kernel AWS recommends; resolved when the stack is deployed, so each release patches.
_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
_BOOT = cdk.Duration.minutes(10)
_GRACE = cdk.Duration.minutes(5)
_WARM_UP = cdk.Duration.minutes(2)
_HIGH_MEMORY_PERCENT = 75
# So many percent above that, two instances are added at a time.
_MORE = 15


class InstanceFleet(Construct):
    """Instances that run the package behind ``targets``: as many as CPU and memory ask for, in every zone.

    An instance counts as started when its application answers over TLS. A new release replaces one instance
    after the other and is rolled back when one does not start; one that fails the load balancer's health check
    is replaced. Nobody logs in but by Session Manager, unless the environment file admits SSH.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        targets: elb.IApplicationTargetGroup,
        runtime: ApplicationRuntime,
        package: ApplicationPackage,
        settings: Instances,
        volume_key: kms.IKey,
        log_group: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = self._role(runtime, package, log_group)
        application = runtime.settings
        user_data = instance_user_data(
            package_url=package.url,
            region=runtime.region,
            command=application.command,
            environment=runtime.environment(version=package.version),
            port=application.port,
            health_path=application.health_path,
            agent_configuration=agent_configuration(log_group),
        )
        self.launch_template = ec2.LaunchTemplate(
            self,
            "LaunchTemplate",
            instance_type=ec2.InstanceType(settings.type),
            machine_image=ec2.MachineImage.from_ssm_parameter(_IMAGE),
            role=self.role,
            security_group=security_group,
            user_data=user_data,
            associate_public_ip_address=False,
            require_imdsv2=True,
            # The application asks for its credentials itself; nothing beyond the instance has to get there.
            http_put_response_hop_limit=1,
            detailed_monitoring=True,
            ebs_optimized=True,
            block_devices=[
                ec2.BlockDevice(
                    device_name="/dev/xvda",
                    volume=ec2.BlockDeviceVolume.ebs(
                        settings.volume_gib,
                        volume_type=ec2.EbsDeviceVolumeType.GP3,
                        encrypted=True,
                        kms_key=volume_key,
                        delete_on_termination=True,
                    ),
                )
            ],
        )
        self.auto_scaling_group = self._group(vpc, settings)
        # As the last thing, so that it is the first command: whatever fails afterwards is signalled too.
        user_data.add_signal_on_exit_command(self.auto_scaling_group)
        self.auto_scaling_group.attach_to_application_target_group(targets)
        self._scale(settings)

    def _role(self, runtime: ApplicationRuntime, package: ApplicationPackage, log_group: logs.ILogGroup) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description="What the application's instances may do",
        )
        # https://docs.aws.amazon.com/systems-manager/latest/userguide/getting-started-create-iam-instance-profile.html
        session_manager = iam.PolicyStatement(
            sid="SessionManager",
            actions=[
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            resources=["*"],
        )
        for statement in (session_manager, package.read_statement(), *agent_statements(log_group)):
            role.add_to_policy(statement)
        runtime.grant(role)
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="Session Manager's messages, PutMetricData and DescribeTags know no narrower resource",
        )
        return role

    def _group(self, vpc: ec2.IVpc, settings: Instances) -> autoscaling.AutoScalingGroup:
        group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            launch_template=self.launch_template,
            min_capacity=settings.minimum,
            desired_capacity=settings.desired,
            max_capacity=settings.maximum,
            default_instance_warmup=_WARM_UP,
            group_metrics=[autoscaling.GroupMetrics.all()],
            # Longer than a start takes: an instance judged before it can answer would be replaced for ever.
            health_checks=autoscaling.HealthChecks.with_additional_checks(
                additional_types=[autoscaling.AdditionalHealthCheckType.ELB], grace_period=_GRACE
            ),
            signals=autoscaling.Signals.wait_for_all(timeout=_BOOT),
            update_policy=autoscaling.UpdatePolicy.rolling_update(
                max_batch_size=1,
                min_instances_in_service=settings.minimum,
                pause_time=_BOOT,
                wait_on_resource_signals=True,
            ),
        )
        acknowledge(
            group,
            "Annotation::@aws-cdk/aws-autoscaling:desiredCapacitySet",
            reason="An unmodified size is left as it is: the update policy ignores it",
        )
        acknowledge(
            group,
            "AwsSolutions-AS3",
            reason="EventBridge receives every launch and termination without a notification of the group's own",
        )
        return group

    def _scale(self, settings: Instances) -> None:
        self.auto_scaling_group.scale_on_cpu_utilization("Cpu", target_utilization_percent=settings.cpu_target_percent)
        self.memory_alarm = cloudwatch.Alarm(
            self,
            "HighMemory",
            alarm_description="The instances use most of their memory; the group adds instances.",
            metric=memory_metric(self.auto_scaling_group.auto_scaling_group_name),
            threshold=_HIGH_MEMORY_PERCENT,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            evaluation_periods=3,
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
        )
        # Out only. An application may well use little memory and much CPU: a step that took instances away for
        # their idle memory would work against the target tracking, which takes them away when CPU allows it.
        step = autoscaling.StepScalingAction(
            self,
            "MemorySteps",
            auto_scaling_group=self.auto_scaling_group,
            adjustment_type=autoscaling.AdjustmentType.CHANGE_IN_CAPACITY,
            estimated_instance_warmup=_WARM_UP,
            metric_aggregation_type=autoscaling.MetricAggregationType.AVERAGE,
        )
        # Bounds are distances from the alarm's threshold.
        step.add_adjustment(adjustment=1, lower_bound=0, upper_bound=_MORE)
        step.add_adjustment(adjustment=2, lower_bound=_MORE)
        self.memory_alarm.add_alarm_action(actions.AutoScalingAction(step))
