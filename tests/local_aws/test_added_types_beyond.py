"""What single types do beyond being made, changed and taken away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws.process import LocalAws
from tests.local_aws.added_types import REGION, SUBJECT, att, role
from tests.local_aws.stacks import Resources, Stack, stack
from tests.local_aws.test_added_types_of_operations import content, stages


def test_a_health_check_of_another_type_is_another_health_check(aws: LocalAws) -> None:
    def check(**config: Any) -> Resources:
        wanted = {"FullyQualifiedDomainName": "app.example", "Port": 443, **config}
        return {SUBJECT: {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": wanted}}}

    made = Stack(aws, REGION).deploy(check(Type="HTTPS"))
    first = made.ids[SUBJECT]
    made.deploy(check(Type="TCP"))
    assert made.ids[SUBJECT] != first
    left = [one["Id"] for one in aws.client("route53", REGION).list_health_checks()["HealthChecks"]]
    assert made.ids[SUBJECT] in left
    assert first not in left
    made.delete()


def test_a_document_keeps_its_versions_and_goes_back_to_an_old_one(aws: LocalAws) -> None:
    def document(text: str) -> Resources:
        properties = {"Name": "versioned", "Content": content(text), "UpdateMethod": "NewVersion"}
        return {SUBJECT: {"Type": "AWS::SSM::Document", "Properties": {**properties, "DocumentType": "Command"}}}

    ssm = aws.client("ssm", REGION)
    made = Stack(aws, REGION).deploy(document("one"))
    for text, version in (("two", "2"), ("one", "1"), ("two", "2")):
        made.deploy(document(text))
        found = ssm.get_document(Name="versioned")
        assert (json.loads(found["Content"])["description"], found["DocumentVersion"]) == (text, version)
    made.deploy(document("two"), Description="the same document")
    made.delete()


def test_an_address_moves_from_one_instance_to_another(aws: LocalAws) -> None:
    ec2 = aws.client("ec2", REGION)
    instances = ec2.run_instances(ImageId="ami-1", MinCount=2, MaxCount=2, InstanceType="t3.micro")["Instances"]
    first, second = (one["InstanceId"] for one in instances)

    def address(**properties: str) -> Resources:
        return {SUBJECT: {"Type": "AWS::EC2::EIP", "Properties": properties}}

    made = Stack(aws, REGION).deploy(address(InstanceId=first))
    for properties, holder in (({"InstanceId": second}, second), ({}, None)):
        made.deploy(address(**properties))
        found = [one for one in ec2.describe_addresses()["Addresses"] if one["PublicIp"] == made.ids[SUBJECT]]
        assert (found[0].get("InstanceId") or None) == holder
    made.delete()
    ec2.terminate_instances(InstanceIds=[first, second])


@pytest.mark.parametrize(
    ("trusted", "reason"),
    [("codebuild", "not authorized to perform AssumeRole"), (None, "not authorized to perform AssumeRole")],
)
def test_a_pipeline_needs_a_role_that_trusts_it(aws: LocalAws, trusted: str | None, reason: str) -> None:
    roles = {"Role": role(trusted)} if trusted else {}
    pipeline = {
        "RoleArn": att("Role") if trusted else f"arn:aws:iam::{aws.account}:role/no-such-role",
        "ArtifactStore": {"Type": "S3", "Location": "artifacts"},
        "Stages": stages("Approve"),
    }
    failed = Stack(aws, REGION)
    refused = failed.refused({**roles, SUBJECT: {"Type": "AWS::CodePipeline::Pipeline", "Properties": pipeline}})
    assert reason in refused
    failed.delete()


def test_a_service_that_does_not_exist_can_not_be_scaled(aws: LocalAws) -> None:
    properties = {
        "ServiceNamespace": "ecs",
        "ResourceId": "service/no-such-cluster/app",
        "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 1,
        "MaxCapacity": 2,
    }
    target = {SUBJECT: {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": properties}}
    failed = Stack(aws, REGION)
    assert "ECS service doesn't exist" in failed.refused(target)
    failed.delete()


def test_an_old_form_of_a_buses_policy_is_one_statement(aws: LocalAws) -> None:
    properties = {"StatementId": "everybody", "Action": "events:PutEvents", "Principal": aws.account}
    policy = {SUBJECT: {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}}
    events = aws.client("events", REGION)
    with stack(aws, REGION, policy):
        statements = json.loads(events.describe_event_bus(Name="default")["Policy"])["Statement"]
        assert [one["Action"] for one in statements if one["Sid"] == "everybody"] == ["events:PutEvents"]


def test_what_somebody_deleted_by_hand_is_deleted_without_a_mistake(aws: LocalAws) -> None:
    properties = {"Name": "gone", "Content": content("one"), "DocumentType": "Command"}
    made = Stack(aws, REGION).deploy({SUBJECT: {"Type": "AWS::SSM::Document", "Properties": properties}})
    aws.client("ssm", REGION).delete_document(Name="gone")
    made.delete()


def test_a_property_the_schema_refuses_fails_before_anything_is_made(aws: LocalAws) -> None:
    trail = {"Type": "AWS::CloudTrail::Trail", "Properties": {"S3BucketName": "any", "IsLogging": "perhaps"}}
    failed = Stack(aws, REGION)
    assert "#/IsLogging: 'perhaps' is not of type 'boolean'" in failed.refused({SUBJECT: trail})
    failed.delete()
    assert aws.client("cloudtrail", REGION).list_trails()["Trails"] == []
