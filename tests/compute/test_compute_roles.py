"""What instances, tasks and their starter may do: their own statements, each as narrow as its service knows it."""

from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, role_statements, text

KNOW_NO_RESOURCE = {
    # Actions for which AWS offers no narrower resource:
    # https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    "cloudwatch:PutMetricData",
    "ec2:DescribeTags",
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
}
ITEMS = {"dynamodb:GetItem", "dynamodb:PutItem", "kms:Decrypt", "s3:ListBucket"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
SESSIONS = {name for name in KNOW_NO_RESOURCE if name.startswith(("ssm:", "ssmmessages:"))}
INSTANCES = (
    ITEMS
    | LOGS
    | SESSIONS
    | {"s3:GetObject", "logs:DescribeLogStreams", "cloudwatch:PutMetricData", "ec2:DescribeTags"}
    | {"cloudformation:SignalResource"}
)


def role_ids(stack: StackTemplate) -> dict[str, str]:
    """The roles of the application by what they are for."""
    task = one(stack, "AWS::ECS::TaskDefinition")
    profile = one(stack, "AWS::IAM::InstanceProfile")
    return {
        "instances": profile["Roles"][0]["Ref"],
        "task": task["TaskRoleArn"]["Fn::GetAtt"][0],
        "execution": task["ExecutionRoleArn"]["Fn::GetAtt"][0],
    }


def actions(stack: StackTemplate, role: str) -> set[str]:
    statements = role_statements(stack, role_ids(stack)[role])
    assert {statement["Effect"] for statement in statements} == {"Allow"}
    return {action for statement in statements for action in statement["Action"]}


def test_instances_tasks_and_their_starter_have_a_role_each(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert len(set(role_ids(stack).values())) == 3


def test_no_role_has_a_managed_policy(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        for logical_id in role_ids(stack).values():
            assert "ManagedPolicyArns" not in stack.resources[logical_id]["Properties"], logical_id
        assert stack.of_type("AWS::IAM::ManagedPolicy") == {}


def test_each_role_may_do_what_is_listed_here_and_nothing_else(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert actions(stack, "instances") == INSTANCES
        assert actions(stack, "task") == ITEMS
        assert actions(stack, "execution") == LOGS


@pytest.mark.parametrize(
    ("application", "containers", "more"),
    [
        ({"access": ["objects"]}, {}, {"s3:GetObject", "s3:PutObject", "kms:GenerateDataKey"}),
        ({"access": ["database-credentials"]}, {}, {"secretsmanager:GetSecretValue"}),
        ({}, {"exec": True}, {name for name in SESSIONS if name.startswith("ssmmessages:")}),
    ],
    ids=["objects", "credentials", "exec"],
)
def test_what_the_file_adds_is_added_and_nothing_more(application: Any, containers: Any, more: set[str]) -> None:
    described = environment(regions=1, compute={"application": application, "containers": containers})
    stack = synthesise(described).stack(Stacks.COMPUTE)
    added = actions(stack, "task") - ITEMS
    # A session is encrypted with the key of the log that records it.
    recording = {"logs:DescribeLogGroups", "logs:DescribeLogStreams", "kms:GenerateDataKey"} | LOGS
    assert more <= added <= more | (recording if containers else set())
    assert actions(stack, "execution") == LOGS


def test_every_wildcard_is_one_that_aws_forces(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        for role in role_ids(stack).values():
            for statement in role_statements(stack, role):
                if "*" in statement["Resource"]:
                    assert set(statement["Action"]) <= KNOW_NO_RESOURCE, statement
                assert not any("*" in action for action in statement["Action"]), statement


def test_metrics_and_items_are_held_to_the_applications_own(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        by_action = {
            action: statement
            for statement in role_statements(stack, role_ids(stack)["instances"])
            for action in statement["Action"]
        }
        metrics = by_action["cloudwatch:PutMetricData"]["Condition"]
        assert metrics == {"StringEquals": {"cloudwatch:namespace": "CWAgent"}}
        items = by_action["dynamodb:PutItem"]["Condition"]
        assert items == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["application#*"]}}
        key = by_action["kms:Decrypt"]["Condition"]
        assert key == {"StringEquals": {"kms:ViaService": f"dynamodb.{stack.region}.amazonaws.com"}}
        assert by_action["cloudformation:SignalResource"]["Resource"] == ["${AWS::StackId}"]


def test_only_this_accounts_tasks_may_take_the_tasks_roles(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        for role in ("task", "execution"):
            (trust,) = stack.resources[role_ids(stack)[role]]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
            assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": platform.environment.account}}


def test_nothing_starts_before_its_role_may_do_what_it_needs(platform: Assembly) -> None:
    """A policy apart from its role may come later than the first instance or task, which then fails to start."""
    for stack in platform.of(Stacks.COMPUTE):
        policies = {
            policy["Properties"]["Roles"][0]["Ref"]: logical_id
            for logical_id, policy in stack.of_type("AWS::IAM::Policy").items()
        }
        roles = role_ids(stack)
        ((template, launch),) = stack.of_type("AWS::EC2::LaunchTemplate").items()
        ((_, service),) = stack.of_type("AWS::ECS::Service").items()
        ((_, group),) = stack.of_type("AWS::AutoScaling::AutoScalingGroup").items()
        assert policies[roles["instances"]] in launch["DependsOn"]
        assert text(group["Properties"]["LaunchTemplate"]["LaunchTemplateId"]) == f"${{{template}}}"
        assert {policies[roles["task"]], policies[roles["execution"]]} <= set(service["DependsOn"])
