"""What can be wrong with the instances and tasks that serve a region."""

from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.metrics import metric
from constructs.shared.platform_alarm import PlatformAlarm, Severity

_FULL_PERCENT = 90


class CapacityAlarms(Construct):
    """CPU and memory that scaling did not relieve, and a group that can grow no further.

    ``memory`` is the metric that the instances' agent publishes; EC2 has none. ``most_instances`` is the group's
    largest size.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        group: autoscaling.IAutoScalingGroup,
        memory: cloudwatch.IMetric,
        most_instances: int,
        service: ecs.FargateService,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._topic = topic
        of_group = {"AutoScalingGroupName": group.auto_scaling_group_name}
        of_service = {"ClusterName": service.cluster.cluster_name, "ServiceName": service.service_name}
        self._full(
            "InstanceCpu", "instances", "CPU", metric("AWS/EC2", "CPUUtilization", of_group, statistic="Average")
        )
        self._full("InstanceMemory", "instances", "memory", memory)
        self._full(
            "ContainerCpu", "containers", "CPU", metric("AWS/ECS", "CPUUtilization", of_service, statistic="Average")
        )
        self._full(
            "ContainerMemory",
            "containers",
            "memory",
            metric("AWS/ECS", "MemoryUtilization", of_service, statistic="Average"),
        )
        PlatformAlarm(
            self,
            "NoMoreInstances",
            meaning=f"The group has had its largest size of {most_instances} for half an hour and can grow no further.",
            metric=metric("AWS/AutoScaling", "GroupInServiceInstances", of_group, statistic="Minimum", minutes=5),
            threshold=most_instances,
            evaluation_periods=6,
            # The group publishes every minute; silence means that it was switched off on purpose.
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=Severity.WARNING,
            runbook="no-capacity",
            topic=topic,
        )

    def _full(self, construct_id: str, who: str, what: str, used: cloudwatch.IMetric) -> None:
        PlatformAlarm(
            self,
            construct_id,
            meaning=f"The {who} have used more than {_FULL_PERCENT} % of their {what} for fifteen minutes, "
            "although there should be more of them by now.",
            metric=used,
            threshold=_FULL_PERCENT,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=15,
            datapoints_to_alarm=12,
            # Published every minute by whatever runs; that nothing runs is said by the targets' alarms.
            missing_data=cloudwatch.TreatMissingData.MISSING,
            severity=Severity.WARNING,
            runbook="no-capacity",
            topic=self._topic,
        )
