"""The types around alarms, events, deliveries and scaling: each is made, changed and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.process import LocalAws
from tests.local_aws.added_types import ACCOUNT, REGION, Case, Client, att, live, own, ref, role, tags
from tests.local_aws.stacks import Resources

ALARM: Resources = {
    "Alarm": {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "part",
            "Namespace": "Own",
            "MetricName": "Failures",
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
            "EvaluationPeriods": 1,
        },
    },
}
BUS: Resources = {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "own"}}}
CLUSTER: Resources = {"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "scaled"}}}
SERVICE: Resources = {
    **CLUSTER,
    "Task": {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {"Family": "scaled", "ContainerDefinitions": [{"Name": "app", "Image": "app", "Memory": 128}]},
    },
    "Service": {
        "Type": "AWS::ECS::Service",
        "Properties": {"Cluster": ref("Cluster"), "ServiceName": "app", "TaskDefinition": ref("Task")},
    },
}
SCALED = {
    "ServiceNamespace": "ecs",
    "ResourceId": {"Fn::Sub": "service/scaled/${Service.Name}"},
    "ScalableDimension": "ecs:service:DesiredCount",
}
TARGET: Resources = {
    **SERVICE,
    "Target": {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {**SCALED, "MinCapacity": 1, "MaxCapacity": 4},
    },
}
APPLICATION: Resources = {
    "Role": role("codedeploy"),
    "Application": {"Type": "AWS::CodeDeploy::Application", "Properties": {"ComputePlatform": "ECS"}},
}


def composite(client: Client, physical_id: str) -> Any:
    api = client("cloudwatch")
    found = api.describe_alarms(AlarmNames=[physical_id], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    return [(one["AlarmRule"], own(api.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"])) for one in found]


def archive(client: Client, physical_id: str) -> Any:
    return client("events").describe_archive(ArchiveName=physical_id)["RetentionDays"]


def bus_policy(client: Client, physical_id: str) -> Any:
    bus, _, statement = physical_id.partition("|")
    policy = json.loads(client("events").describe_event_bus(Name=bus).get("Policy") or '{"Statement": []}')
    return [one["Action"] for one in policy["Statement"] if one["Sid"] == statement]


def providers(client: Client, physical_id: str) -> Any:
    return client("ecs").describe_clusters(clusters=[physical_id])["clusters"][0]["capacityProviders"]


def health_check(client: Client, physical_id: str) -> Any:
    api = client("route53")
    found = api.get_health_check(HealthCheckId=physical_id)["HealthCheck"]["HealthCheckConfig"]
    listed = api.list_tags_for_resource(ResourceType="healthcheck", ResourceId=physical_id)["ResourceTagSet"]["Tags"]
    return found.get("ResourcePath"), found.get("FailureThreshold"), own(listed)


def scalable(client: Client, _: str) -> Any:
    api = client("application-autoscaling")
    found = api.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    planned = api.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    return [
        (one["MinCapacity"], one["MaxCapacity"], [action["ScheduledActionName"] for action in planned]) for one in found
    ]


def scaling_policy(client: Client, physical_id: str) -> Any:
    found = client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    wanted = [one for one in found if one["PolicyARN"] == physical_id]
    return [one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for one in wanted]


def application(client: Client, physical_id: str) -> Any:
    api = client("codedeploy")
    found = api.get_application(applicationName=physical_id)["application"]
    arn = f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:application:{physical_id}"
    return found["computePlatform"], own(api.list_tags_for_resource(ResourceArn=arn)["Tags"])


def deployment_group(client: Client, physical_id: str) -> Any:
    api = client("codedeploy")
    for name in api.list_applications()["applications"]:
        if physical_id in api.list_deployment_groups(applicationName=name)["deploymentGroups"]:
            found = api.get_deployment_group(applicationName=name, deploymentGroupName=physical_id)
            return found["deploymentGroupInfo"]["deploymentConfigName"]
    return None


def pipeline(client: Client, physical_id: str) -> Any:
    api = client("codepipeline")
    found = api.get_pipeline(name=physical_id)
    listed = api.list_tags_for_resource(resourceArn=found["metadata"]["pipelineArn"])["tags"]
    stages = found["pipeline"]["stages"]
    return [stage["name"] for stage in stages], stages[0]["actions"][0]["configuration"], own(listed, "key", "value")


def document(client: Client, physical_id: str) -> Any:
    return json.loads(client("ssm").get_document(Name=physical_id)["Content"])["description"]


def canary(client: Client, physical_id: str) -> Any:
    return client("synthetics").get_canary(Name=physical_id)["Canary"]["RuntimeVersion"]


def content(description: str) -> dict[str, Any]:
    """An SSM document."""
    step = {"name": "say", "action": "aws:runShellScript", "inputs": {"runCommand": ["true"]}}
    return {"schemaVersion": "2.2", "description": description, "mainSteps": [step]}


def stages(*names: str) -> list[dict[str, Any]]:
    """The stages of a pipeline, which begins with a source."""

    def action(category: str, provider: str, configuration: dict[str, Any]) -> dict[str, Any]:
        kind = {"Category": category, "Owner": "AWS", "Provider": provider, "Version": "1"}
        return {"Name": category, "ActionTypeId": kind, "Configuration": configuration}

    source = action("Source", "S3", {"S3Bucket": "source", "S3ObjectKey": "key", "PollForSourceChanges": False})
    source["OutputArtifacts"] = [{"Name": "source"}]
    approval = action("Approval", "Manual", {})
    return [{"Name": "Source", "Actions": [source]}, *({"Name": name, "Actions": [approval]} for name in names)]


CANARY = {
    "Name": "probe",
    "RuntimeVersion": "syn-python-selenium-4.1",
    "ArtifactS3Location": "s3://artifacts/canary",
    "ExecutionRoleArn": att("Role"),
    "Schedule": {"Expression": "rate(5 minutes)"},
    "Code": {"Handler": "index.handler", "Script": "def handler(event, context): return 1"},
}
TRACKING = {
    "TargetValue": 50,
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
}
CHECK = {"Type": "HTTPS", "FullyQualifiedDomainName": "app.example", "Port": 443}
CONFIGURATION = {"S3Bucket": "source", "S3ObjectKey": "key", "PollForSourceChanges": "false"}
CASES = [
    Case(
        type="AWS::CloudWatch::CompositeAlarm",
        properties={"AlarmName": "whole", "AlarmRule": "ALARM(part)", "Tags": tags(Name="one", Role="page")},
        changed={"AlarmRule": "NOT ALARM(part)", "Tags": tags(Name="two")},
        read=composite,
        expected=[("ALARM(part)", {"Name": "one", "Role": "page"})],
        expected_after=[("NOT ALARM(part)", {"Name": "two"})],
        attributes=("Arn",),
        others=ALARM,
    ),
    Case(
        type="AWS::Events::Archive",
        properties={"SourceArn": att("Bus"), "RetentionDays": "7"},
        changed={"RetentionDays": 14},
        read=archive,
        expected=7,
        expected_after=14,
        attributes=("Arn", "ArchiveName"),
        others=BUS,
    ),
    Case(
        type="AWS::Events::EventBusPolicy",
        properties={
            "EventBusName": ref("Bus"),
            "StatementId": "others",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": ACCOUNT},
                "Action": "events:PutEvents",
                "Resource": att("Bus"),
            },
        },
        changed={
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": ACCOUNT},
                "Action": "events:PutRule",
                "Resource": att("Bus"),
            }
        },
        read=bus_policy,
        expected=["events:PutEvents"],
        expected_after=["events:PutRule"],
        others=BUS,
    ),
    Case(
        type="AWS::ECS::ClusterCapacityProviderAssociations",
        properties={
            "Cluster": ref("Cluster"),
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "DefaultCapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": 1}],
        },
        changed={"CapacityProviders": ["FARGATE"]},
        read=providers,
        expected=["FARGATE", "FARGATE_SPOT"],
        expected_after=["FARGATE"],
        others=CLUSTER,
    ),
    Case(
        type="AWS::Route53::HealthCheck",
        properties={
            "HealthCheckConfig": {**CHECK, "ResourcePath": "/health", "FailureThreshold": "3"},
            "HealthCheckTags": tags(Name="one", Role="failover"),
        },
        changed={"HealthCheckConfig": {**CHECK, "FailureThreshold": 2}, "HealthCheckTags": tags(Name="two")},
        read=health_check,
        expected=("/health", 3, {"Name": "one", "Role": "failover"}),
        expected_after=(None, 2, {"Name": "two"}),
        attributes=("HealthCheckId",),
    ),
    Case(
        type="AWS::ApplicationAutoScaling::ScalableTarget",
        properties={
            **SCALED,
            "MinCapacity": 1,
            "MaxCapacity": "4",
            "ScheduledActions": [
                {
                    "ScheduledActionName": "night",
                    "Schedule": "cron(0 22 * * ? *)",
                    "ScalableTargetAction": {"MaxCapacity": 1},
                }
            ],
        },
        changed={
            "MinCapacity": 2,
            "ScheduledActions": [
                {
                    "ScheduledActionName": "day",
                    "Schedule": "cron(0 6 * * ? *)",
                    "ScalableTargetAction": {"MaxCapacity": 4},
                }
            ],
        },
        read=scalable,
        expected=[(1, 4, ["night"])],
        expected_after=[(2, 4, ["day"])],
        attributes=("Id",),
        others=SERVICE,
    ),
    Case(
        type="AWS::ApplicationAutoScaling::ScalingPolicy",
        properties={
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": ref("Target"),
            "TargetTrackingScalingPolicyConfiguration": TRACKING,
        },
        changed={"TargetTrackingScalingPolicyConfiguration": {**TRACKING, "TargetValue": "70"}},
        read=scaling_policy,
        expected=[50.0],
        expected_after=[70.0],
        attributes=("Arn",),
        others=TARGET,
    ),
    Case(
        type="AWS::CodeDeploy::Application",
        properties={"ComputePlatform": "Lambda", "Tags": tags(Name="one", Role="deploy")},
        changed={"Tags": tags(Name="two")},
        read=application,
        expected=("Lambda", {"Name": "one", "Role": "deploy"}),
        expected_after=("Lambda", {"Name": "two"}),
    ),
    Case(
        type="AWS::CodeDeploy::DeploymentGroup",
        properties={
            "ApplicationName": ref("Application"),
            "DeploymentGroupName": "blue",
            "ServiceRoleArn": att("Role"),
            "DeploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        },
        changed={"DeploymentConfigName": "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"},
        read=deployment_group,
        expected="CodeDeployDefault.ECSAllAtOnce",
        expected_after="CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
        others=APPLICATION,
    ),
    Case(
        type="AWS::CodePipeline::Pipeline",
        properties={
            "RoleArn": att("Role"),
            "ArtifactStores": [{"Region": REGION, "ArtifactStore": {"Type": "S3", "Location": "artifacts"}}],
            "Stages": stages("Approve"),
            "Tags": tags(Name="one", Role="release"),
        },
        changed={"Stages": stages("Approve", "Again"), "Tags": tags(Name="two")},
        read=pipeline,
        expected=(["Source", "Approve"], CONFIGURATION, {"Name": "one", "Role": "release"}),
        expected_after=(["Source", "Approve", "Again"], CONFIGURATION, {"Name": "two"}),
        attributes=("Version",),
        others={"Role": role("codepipeline")},
    ),
    Case(
        type="AWS::SSM::Document",
        properties={"Name": "say", "Content": content("one"), "DocumentType": "Command", "Tags": tags(Name="one")},
        changed={"Content": content("two")},
        read=document,
        expected="one",
        expected_after="two",
    ),
    Case(
        type="AWS::Synthetics::Canary",
        properties=CANARY,
        changed={"RuntimeVersion": "syn-python-selenium-5.0"},
        read=canary,
        expected="syn-python-selenium-4.1",
        expected_after="syn-python-selenium-5.0",
        attributes=("State",),
        others={"Role": role("lambda")},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_it_is_made_changed_and_taken_away(aws: LocalAws, case: Case) -> None:
    live(aws, case)
