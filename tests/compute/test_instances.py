"""The application on EC2: what an instance is, how many there are, and how a release replaces them."""

import itertools
import json
import re
from typing import Any

import pytest

from configuration.names import Stacks
from tests.compute.reading import user_data
from tests.networking.reachability import Networks
from tests.synthesis import Assembly, StackTemplate, Template, environment, synthesise
from tests.template_reading import one, text

GROUP = "AWS::AutoScaling::AutoScalingGroup"


def launch_template(stack: StackTemplate) -> Template:
    found: Template = one(stack, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]
    return found


def group(stack: StackTemplate) -> Template:
    (found,) = stack.of_type(GROUP).values()
    return found


def test_instances_are_of_the_c5_family_with_amazon_linux_2023_and_the_second_metadata_service(
    platform: Assembly,
) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        template = launch_template(stack)
        assert template["InstanceType"].startswith("c5")
        assert template["MetadataOptions"]["HttpTokens"] == "required"
        assert template["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
        image = stack.template["Parameters"][template["ImageId"]["Ref"]]
        assert image["Type"] == "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
        assert "/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64" in image["Default"]
        assert "KeyName" not in template


def test_instances_stand_in_private_subnets_of_every_zone_without_public_address(platform: Assembly) -> None:
    for network in Networks(platform).regions.values():
        instances = network.members["instances"]
        zones = {network.properties(subnet)["AvailabilityZone"] for subnet in instances.subnets}
        assert zones == {f"{network.region}{letter}" for letter in "abc"}
        assert not instances.public


def test_volumes_are_encrypted_with_the_regions_own_key_and_leave_with_their_instance(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        for mapping in launch_template(stack)["BlockDeviceMappings"]:
            volume = mapping["Ebs"]
            assert volume["Encrypted"] is True
            assert "ComputeKey" in text(volume["KmsKeyId"])
            assert volume["VolumeType"] == "gp3"
            assert volume["DeleteOnTermination"] is True


def test_the_group_has_the_sizes_of_the_file(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        properties = group(stack)["Properties"]
        assert [properties[size] for size in ("MinSize", "DesiredCapacity", "MaxSize")] == ["2", "3", "10"]
    sizes = {"minimum": 1, "desired": 4, "maximum": 6, "type": "c5.xlarge", "volume_gib": 50}
    stack = synthesise(environment(regions=1, compute={"instances": sizes})).stack(Stacks.COMPUTE)
    properties = group(stack)["Properties"]
    assert [properties[size] for size in ("MinSize", "DesiredCapacity", "MaxSize")] == ["1", "4", "6"]
    assert launch_template(stack)["InstanceType"] == "c5.xlarge"
    assert launch_template(stack)["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"] == 50


def test_an_instance_that_fails_the_load_balancers_check_is_replaced_but_not_while_it_starts(
    platform: Assembly,
) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        properties = group(stack)["Properties"]
        assert properties["HealthCheckType"] == "ELB"
        (targets,) = properties["TargetGroupARNs"]
        target_group = stack.resources[targets["Ref"]]["Properties"]
        assert target_group["TargetType"] == "instance"
        grace = properties["HealthCheckGracePeriod"]
        healthy = target_group["HealthCheckIntervalSeconds"] * target_group["HealthyThresholdCount"]
        # What the setup waits for the application at most, and what the load balancer then takes to believe it.
        waits = int(re.findall(r"--retry-max-time (\d+)", user_data(stack))[0])
        assert waits + healthy <= grace <= 600


def test_cpu_is_held_at_the_files_target(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        (policy,) = _policies(stack, "TargetTrackingScaling")
        configuration = policy["TargetTrackingConfiguration"]
        assert configuration["PredefinedMetricSpecification"] == {"PredefinedMetricType": "ASGAverageCPUUtilization"}
        assert configuration["TargetValue"] == 70


def test_memory_adds_instances_in_steps(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        (policy,) = _policies(stack, "StepScaling")
        steps = policy["StepAdjustments"]
        assert [step["ScalingAdjustment"] for step in steps] == sorted({step["ScalingAdjustment"] for step in steps})
        assert all(step["ScalingAdjustment"] > 0 for step in steps)
        assert steps[0]["MetricIntervalLowerBound"] == 0
        assert "MetricIntervalUpperBound" not in steps[-1]
        for lower, upper in itertools.pairwise(steps):
            assert lower["MetricIntervalUpperBound"] == upper["MetricIntervalLowerBound"]
        alarm = memory_alarm(stack)
        assert alarm["Threshold"] + steps[-1]["MetricIntervalLowerBound"] <= 95


def test_the_memory_alarm_waits_for_exactly_the_metric_that_the_agent_sends(platform: Assembly) -> None:
    """An alarm whose dimensions differ by one from what is sent waits for ever, without a word."""
    for stack in platform.of(Stacks.COMPUTE):
        agent = agent_configuration(stack)["metrics"]
        alarm = memory_alarm(stack)
        (measurement,) = agent["metrics_collected"]["mem"]["measurement"]
        assert (alarm["Namespace"], alarm["MetricName"]) == (agent["namespace"], measurement)
        values = agent["append_dimensions"]
        sent = [{name: values[name] for name in dimensions} for dimensions in agent["aggregation_dimensions"]]
        assert {"AutoScalingGroupName": "${aws:AutoScalingGroupName}"} in sent
        (logical_id,) = stack.of_type(GROUP)
        assert alarm["Dimensions"] == [{"Name": "AutoScalingGroupName", "Value": {"Ref": logical_id}}]
        assert alarm["Period"] % agent_configuration(stack)["agent"]["metrics_collection_interval"] == 0


def test_every_alarm_about_memory_looks_at_that_metric(platform: Assembly) -> None:
    for stack in platform.stacks:
        for alarm in stack.properties("AWS::CloudWatch::Alarm"):
            if alarm.get("Namespace") == "CWAgent":
                assert [dimension["Name"] for dimension in alarm["Dimensions"]] == ["AutoScalingGroupName"]


def memory_alarm(stack: StackTemplate) -> Template:
    """The alarm whose action is the step scaling policy."""
    (policy,) = (
        logical_id
        for logical_id, policy in stack.of_type("AWS::AutoScaling::ScalingPolicy").items()
        if policy["Properties"]["PolicyType"] == "StepScaling"
    )
    (alarm,) = (
        alarm
        for alarm in stack.properties("AWS::CloudWatch::Alarm")
        if {"Ref": policy} in alarm.get("AlarmActions", [])
    )
    return alarm


def agent_configuration(stack: StackTemplate) -> dict[str, Any]:
    """The CloudWatch agent's configuration, as the user data writes it."""
    found = re.search(r"/dev/stdin (\S+\.json) <<'END_OF_FILE'\n(.*?)\nEND_OF_FILE", user_data(stack), re.DOTALL)
    assert found
    assert f"agent_file={found[1]}\n" in user_data(stack)
    configuration: dict[str, Any] = json.loads(found[2])
    return configuration


def test_the_agent_writes_to_the_log_group_of_the_instances_which_its_role_may(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        files = agent_configuration(stack)["logs"]["logs_collected"]["files"]["collect_list"]
        groups = {re.fullmatch(r"\$\{(\w+)\}", file["log_group_name"]) for file in files}
        assert None not in groups
        for found in groups:
            assert found
            log_group = stack.resources[found[1]]["Properties"]
            assert log_group["RetentionInDays"] == platform.environment.log_retention_days
        assert "/var/log/application/application.log" in {file["file_path"] for file in files}


def test_a_release_replaces_one_instance_after_the_other_and_waits_for_each_to_say_that_it_serves(
    platform: Assembly,
) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        policy = group(stack)["UpdatePolicy"]["AutoScalingRollingUpdate"]
        properties = group(stack)["Properties"]
        assert policy["WaitOnResourceSignals"] is True
        assert policy["MaxBatchSize"] == 1
        assert int(properties["MinSize"]) <= policy["MinInstancesInService"] < int(properties["MaxSize"])
        # Or Auto Scaling would replace and balance what CloudFormation is waiting for.
        suspended = {"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"}
        assert suspended <= set(policy["SuspendProcesses"])
        assert {"Launch", "Terminate", "AddToLoadBalancer"}.isdisjoint(policy["SuspendProcesses"])
        creation = group(stack)["CreationPolicy"]["ResourceSignal"]
        assert creation["Count"] == int(properties["DesiredCapacity"])
        waits = int(re.findall(r"--retry-max-time (\d+)", user_data(stack))[0])
        for pause in (policy["PauseTime"], creation["Timeout"]):
            minutes = re.fullmatch(r"PT(\d+)M", pause)
            assert minutes
            assert waits + 120 <= int(minutes[1]) * 60 <= 3600
        # A release does not set back what scaling has done.
        assert group(stack)["UpdatePolicy"]["AutoScalingScheduledAction"] == {
            "IgnoreUnmodifiedGroupSizeProperties": True
        }


def test_a_new_package_makes_a_new_launch_template_and_so_a_release(tmp_path: Any) -> None:
    one_, other = (
        synthesise(environment(regions=1, compute={"application": {"package": path, "image": "acme/app:1"}}))
        for path in ("app.py", "README.md")
    )
    first, second = (user_data(assembly.stack(Stacks.COMPUTE)) for assembly in (one_, other))
    urls = [re.findall(r"package_url=(\S+)", found) for found in (first, second)]
    assert urls[0] != urls[1]
    assert urls[0][0].endswith(".py")


def test_an_instance_may_read_its_package_and_no_other_object_of_that_bucket(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        (url,) = re.findall(r"package_url=s3://(\S+)", user_data(stack))
        (policy,) = (
            policy["PolicyDocument"]
            for policy in stack.properties("AWS::IAM::Policy")
            if any(statement.get("Sid") == "Package" for statement in policy["PolicyDocument"]["Statement"])
        )
        reads = [found for found in policy["Statement"] if found["Action"] == "s3:GetObject"]
        assert [statement["Resource"] for statement in reads] == [f"arn:aws:s3:::{url}"]


def test_the_alarms_of_cpu_are_there_for_instances_and_containers(platform: Assembly) -> None:
    """Requirement B13; what the alarms mean is the monitoring's affair."""
    for region in platform.environment.regions:
        watched = {
            (alarm.get("Namespace"), alarm.get("MetricName"))
            for stack in platform.stacks
            if stack.region == region.name
            for alarm in stack.properties("AWS::CloudWatch::Alarm")
        }
        assert {("AWS/EC2", "CPUUtilization"), ("AWS/ECS", "CPUUtilization")} <= watched


def _policies(stack: StackTemplate, kind: str) -> list[Template]:
    found = stack.properties("AWS::AutoScaling::ScalingPolicy")
    return [policy for policy in found if policy["PolicyType"] == kind]


@pytest.mark.parametrize("value", ["c5.large", "c5n.xlarge", "c5d.2xlarge", "c5.24xlarge"])
def test_every_size_of_the_family_may_be_named(value: str) -> None:
    assert environment(compute={"instances": {"type": value}}).compute.instances.type == value
