"""The application on Fargate: hardened tasks, releases that roll back, as many as are needed."""

import re
import subprocess
import sys
from typing import Any

import pytest

from configuration.names import Stacks
from tests.networking.reachability import Networks
from tests.synthesis import PROJECT, Assembly, StackTemplate, Template, environment, synthesise
from tests.template_reading import one, text

SERVICE = "AWS::ECS::Service"


def container(stack: StackTemplate) -> Template:
    """The only container of the only task."""
    (found,) = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert isinstance(found, dict)
    return found


def with_containers(**settings: Any) -> StackTemplate:
    return synthesise(environment(regions=1, compute={"containers": settings})).stack(Stacks.COMPUTE)


def test_tasks_stand_in_private_subnets_of_every_zone_without_public_address(platform: Assembly) -> None:
    for network in Networks(platform).regions.values():
        tasks = network.members["tasks"]
        zones = {network.properties(subnet)["AvailabilityZone"] for subnet in tasks.subnets}
        assert zones == {f"{network.region}{letter}" for letter in "abc"}
        assert not tasks.public
    for stack in platform.of(Stacks.COMPUTE):
        assert one(stack, SERVICE)["AvailabilityZoneRebalancing"] == "ENABLED"


def test_a_bad_release_is_rolled_back_by_the_circuit_breaker_and_by_alarms(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        deployment = one(stack, SERVICE)["DeploymentConfiguration"]
        assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
        assert deployment["Alarms"]["Enable"] is deployment["Alarms"]["Rollback"] is True
        # New tasks beside the old ones: there are never fewer than before.
        assert deployment["MinimumHealthyPercent"] == 100
        assert deployment["MaximumPercent"] == 200


def test_the_deployments_alarms_exist_before_the_service_and_look_at_its_own_targets(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        (target,) = one(stack, SERVICE)["LoadBalancers"]
        (full_name,) = (target["TargetGroupArn"]["Ref"],)
        for alarm in one(stack, SERVICE)["DeploymentConfiguration"]["Alarms"]["AlarmNames"]:
            watched = stack.resources[alarm["Ref"]]["Properties"]
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in watched["Dimensions"]}
            assert dimensions["TargetGroup"] == {"Fn::GetAtt": [full_name, "TargetGroupFullName"]}
            assert SERVICE not in text(watched)
            # Silence is no error: nobody may have asked for anything.
            assert watched["TreatMissingData"] == "notBreaching"


def test_nothing_can_be_written_and_nothing_runs_as_root(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        found = container(stack)
        assert found["ReadonlyRootFilesystem"] is True
        assert found["User"] == "65534:65534"
        assert found["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
        assert found.get("Privileged", False) is False
        assert "MountPoints" not in found
        # Without a capability the port of HTTPS can be opened only where it is no privileged one.
        controls = {control["Namespace"]: control["Value"] for control in found["SystemControls"]}
        assert controls == {"net.ipv4.ip_unprivileged_port_start": "0"}


def test_targets_are_the_tasks_own_addresses_over_tls(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        (balanced,) = one(stack, SERVICE)["LoadBalancers"]
        group = stack.resources[balanced["TargetGroupArn"]["Ref"]]["Properties"]
        assert (group["TargetType"], group["Protocol"]) == ("ip", "HTTPS")
        assert balanced["ContainerPort"] == group["Port"] == 443
        assert balanced["ContainerName"] == container(stack)["Name"]


def test_a_task_that_is_told_to_end_has_the_time_to_finish(platform: Assembly) -> None:
    """The default application ends within 28 seconds of SIGTERM; ECS kills what takes longer than the timeout."""
    for stack in platform.of(Stacks.COMPUTE):
        assert 30 < container(stack)["StopTimeout"] <= 120


def test_the_log_goes_to_a_group_of_its_own_that_is_encrypted_and_kept_as_the_file_says(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        logging = container(stack)["LogConfiguration"]
        assert logging["LogDriver"] == "awslogs"
        group = stack.resources[logging["Options"]["awslogs-group"]["Ref"]]
        assert group["Type"] == "AWS::Logs::LogGroup"
        assert group["Properties"]["RetentionInDays"] == platform.environment.log_retention_days
        assert "LogsKey" in text(group["Properties"]["KmsKeyId"])
        # Whatever becomes of the log, requests are answered.
        assert logging["Options"]["mode"] == "non-blocking"


@pytest.mark.parametrize(("architecture", "rendered"), [("arm64", "ARM64"), ("x86_64", "X86_64")])
def test_the_file_says_the_architecture(architecture: str, rendered: str) -> None:
    platform = one(with_containers(architecture=architecture), "AWS::ECS::TaskDefinition")["RuntimePlatform"]
    assert platform == {"CpuArchitecture": rendered, "OperatingSystemFamily": "LINUX"}


def test_the_number_of_tasks_follows_cpu_and_memory_and_no_release_sets_it_back(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert "DesiredCount" not in one(stack, SERVICE)
        target = one(stack, "AWS::ApplicationAutoScaling::ScalableTarget")
        assert (target["MinCapacity"], target["MaxCapacity"]) == (3, 10)
        tracked = {
            policy["PredefinedMetricSpecification"]["PredefinedMetricType"]: policy["TargetValue"]
            for scaling in stack.properties("AWS::ApplicationAutoScaling::ScalingPolicy")
            for policy in [scaling["TargetTrackingScalingPolicyConfiguration"]]
        }
        assert tracked == {"ECSServiceAverageCPUUtilization": 70, "ECSServiceAverageMemoryUtilization": 75}


def test_tasks_bear_the_services_tags(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert one(stack, SERVICE)["PropagateTags"] == "SERVICE"
        assert one(stack, SERVICE)["EnableECSManagedTags"] is True


def test_exec_is_off_unless_the_file_switches_it_on(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert one(stack, SERVICE)["EnableExecuteCommand"] is False
        assert "ssmmessages" not in str(stack.of_type("AWS::ECS::TaskDefinition"))


def test_with_exec_its_agent_can_write_what_it_needs_and_shells_are_recorded() -> None:
    stack = with_containers(exec=True)
    assert one(stack, SERVICE)["EnableExecuteCommand"] is True
    found = container(stack)
    assert found["ReadonlyRootFilesystem"] is True
    assert {mount["ContainerPath"] for mount in found["MountPoints"]} == {"/var/lib/amazon", "/var/log/amazon"}
    assert not any(mount["ReadOnly"] for mount in found["MountPoints"])
    recorded = one(stack, "AWS::ECS::Cluster")["Configuration"]["ExecuteCommandConfiguration"]
    assert recorded["Logging"] == "OVERRIDE"
    assert recorded["LogConfiguration"]["CloudWatchEncryptionEnabled"] is True
    assert "LogsKey" in text(recorded["KmsKeyId"])


def test_the_default_is_a_public_image_that_runs_the_same_source_as_the_instances(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        found = container(stack)
        assert found["Image"] == "public.ecr.aws/docker/library/python:3.13-slim"
        variables = {variable["Name"]: variable["Value"] for variable in found["Environment"]}
        on_instances = re.findall(r'^([A-Z_]+)="(.*)"$', _environment_file(stack), re.MULTILINE)
        assert variables == dict(on_instances)
        # ECS refuses a task definition of more than 64 KiB.
        assert sum(len(word) for word in found["Command"]) < 60_000


def _environment_file(stack: StackTemplate) -> str:
    data = text(one(stack, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]["UserData"]["Fn::Base64"])
    found = re.search(r"/dev/stdin /etc/application\.env <<'END_OF_FILE'\n(.*?)\nEND_OF_FILE", data, re.DOTALL)
    assert found
    return found[1]


def test_the_command_in_the_template_starts_the_application() -> None:
    """Settings that are wrong are refused by name, before anything is opened: so it is the application that ran."""
    stack = with_containers()
    _, *arguments = container(stack)["Command"]
    environment_ = {"PATH": "/usr/bin:/bin", "AWS_REGION": "us-east-1", "PORT": "many"}
    outcome = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT.parent,
        env=environment_,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert outcome.returncode == 2, outcome.stderr
    assert "PORT" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_an_image_of_ones_own_brings_its_own_command_and_the_right_to_pull_it_alone() -> None:
    image = "{account}.dkr.ecr.{region}.amazonaws.com/team/app@sha256:" + "a" * 64
    application = {"image": image, "package": "app.py", "environment": {"GREETING": "hello"}}
    assembly = synthesise(environment(compute={"application": application}))
    for stack in assembly.of(Stacks.COMPUTE):
        found = container(stack)
        assert "Command" not in found
        filled_in = f"000000000000.dkr.ecr.{stack.region}."
        assert filled_in in text(found["Image"])
        assert text(found["Image"]).endswith("/team/app@sha256:" + "a" * 64)
        assert {"Name": "GREETING", "Value": "hello"} in found["Environment"]
        pulls = [
            statement
            for policy in stack.properties("AWS::IAM::Policy")
            for statement in policy["PolicyDocument"]["Statement"]
            if "ecr:BatchGetImage" in statement["Action"]
        ]
        repository = f"arn:aws:ecr:{stack.region}:000000000000:repository/team/app"
        assert [statement["Resource"] for statement in pulls] == [repository]


def test_an_image_of_a_public_registry_needs_no_right_at_all() -> None:
    application = {"image": "ghcr.io/acme/app:1.2", "package": "app.py"}
    stack = synthesise(environment(regions=1, compute={"application": application})).stack(Stacks.COMPUTE)
    assert container(stack)["Image"] == "ghcr.io/acme/app:1.2"
    assert "ecr:" not in str(stack.of_type("AWS::IAM::Policy"))
