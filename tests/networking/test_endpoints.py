"""Interface endpoints: each has a user, and each call from where there is no way out has an endpoint."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from configuration.names import Stacks
from tests.networking.reachability import Member, Networks, RegionNetwork, service_of
from tests.synthesis import PROJECT, Assembly, StackTemplate, Template, environment, synthesise
from tests.template_reading import changed, role_statements

ACTIONS_BEHIND = {
    "logs": "logs:",
    "events": "events:",
    "secretsmanager": "secretsmanager:",
    "ssm": "ssm:",
    "ssmmessages": "ssmmessages:",
    "monitoring": "cloudwatch:",
    "ec2": "ec2:",
    "cloudformation": "cloudformation:",
    "ecr.api": "ecr:",
    "ecr.dkr": "ecr:",
    "s3": "s3:",
    "dynamodb": "dynamodb:",
}
"""The prefix of the actions that go through each endpoint."""

DONE_BY_LAMBDA = (
    # Lambda itself writes logs and traces, makes the interfaces and polls queues, from outside the network:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    "logs:",
    "xray:",
    "ec2:",
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueue"),
)


USE_OF_KEYS = {"kms:Decrypt", "kms:GenerateDataKey"}
"""No call: S3, DynamoDB and others use the keys for their caller."""


def users(network: RegionNetwork) -> dict[str, list[tuple[StackTemplate, str]]]:
    """The roles by which each member calls AWS."""
    found: dict[str, list[tuple[StackTemplate, str]]] = {}
    for stack, _, properties in network.each("AWS::Lambda::Function"):
        if vpc := properties.get("VpcConfig"):
            name = f"{network.group_name(network.place(stack, vpc['SecurityGroupIds'][0]))} function"
            found.setdefault(name, []).append((stack, properties["Role"]["Fn::GetAtt"][0]))
    for stack, _, properties in network.each("AWS::IAM::InstanceProfile"):
        found.setdefault("instances", []).append((stack, properties["Roles"][0]["Ref"]))
    for stack, _, properties in network.each("AWS::ECS::TaskDefinition"):
        for role in ("TaskRoleArn", "ExecutionRoleArn"):
            found.setdefault("tasks", []).append((stack, properties[role]["Fn::GetAtt"][0]))
    return found


def actions(network: RegionNetwork) -> dict[str, set[str]]:
    """What each member may do."""
    found: dict[str, set[str]] = {}
    for name, roles in users(network).items():
        for stack, role in roles:
            statements = role_statements(stack, role)
            found.setdefault(name, set()).update(action for known in statements for action in known["Action"])
    schedules = network.each("AWS::SecretsManager::RotationSchedule")
    if any("HostedRotationLambda" in schedule for _, _, schedule in schedules):
        # Its role is made by the macro.
        found["Rotation function"] = {"secretsmanager:PutSecretValue"}
    return found


def endpoints(networks: Networks) -> Iterator[tuple[RegionNetwork, Member, str]]:
    """Every interface endpoint with the service behind it."""
    for network in networks.regions.values():
        for member in network.members.values():
            if member.name.startswith("endpoint "):
                yield network, member, member.name.removeprefix("endpoint ")


def unused(assembly: Assembly) -> list[str]:
    """The endpoints that nobody who can reach them has any right to use."""
    networks = Networks(assembly)
    found = []
    for network, endpoint, service in endpoints(networks):
        callers = [
            name
            for name, allowed in actions(network).items()
            if networks.opens(network.members[name], endpoint, 443)
            and any(action.startswith(ACTIONS_BEHIND.get(service, f"{service}:")) for action in allowed - USE_OF_KEYS)
        ]
        if not callers:
            found.append(f"{network.region} {service}")
    return found


def unanswered(assembly: Assembly) -> list[str]:
    """The services that a function without a way out calls and has no endpoint for."""
    networks = Networks(assembly)
    found = []
    for network in networks.regions.values():
        private = {
            ACTIONS_BEHIND[service]
            for stack, _, properties in network.each("AWS::EC2::VPCEndpoint")
            if (service := service_of(properties)) in ("s3", "dynamodb")
        }
        for name, allowed in actions(network).items():
            if not name.endswith("function"):
                continue
            reached = private | {
                ACTIONS_BEHIND[service]
                for _, endpoint, service in endpoints(networks)
                if endpoint.region == network.region and networks.opens(network.members[name], endpoint, 443)
            }
            called = {action for action in allowed - USE_OF_KEYS if not action.startswith(DONE_BY_LAMBDA)}
            found += [
                f"{network.region} {name}: {action}"
                for action in sorted(called)
                if not action.startswith(tuple(reached))
            ]
    return found


def test_no_endpoint_without_a_user(platform: Assembly) -> None:
    assert unused(platform) == []


def test_no_call_without_an_endpoint(platform: Assembly) -> None:
    assert unanswered(platform) == []


@pytest.mark.parametrize(
    "values",
    [
        {"database": {"rotation": "own"}},
        {"compute": {"application": {"access": ["database-credentials", "objects"]}}},
        {
            "network": {"nat_gateways": 0},
            "compute": {
                "application": {"image": "{account}.dkr.ecr.{region}.amazonaws.com/app:1", "package": "app.py"}
            },
        },
    ],
    ids=["own rotation", "credentials", "no NAT"],
)
def test_endpoints_follow_what_the_environment_file_switches_on(values: dict[str, Any]) -> None:
    assembly = synthesise(environment(**values))
    assert unused(assembly) == []
    assert unanswered(assembly) == []


@pytest.mark.parametrize("service", ["kms", "lambda", "sts"])
def test_an_endpoint_without_a_user_is_found(service: str) -> None:
    whole = synthesise(environment(regions=1))

    def add_endpoint(resources: Template) -> None:
        name = "com.amazonaws.us-east-1.logs"
        (logs,) = (found for found in resources.values() if found.get("Properties", {}).get("ServiceName") == name)
        properties = logs["Properties"] | {"ServiceName": name.replace("logs", service)}
        resources["Planted"] = {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}

    assert unused(changed(whole, Stacks.NETWORKING, add_endpoint)) == [f"us-east-1 {service}"]


def test_an_endpoint_whose_user_is_gone_is_found() -> None:
    def drop_right(resources: Template) -> None:
        for statement in statements_in(resources):
            if statement["Action"] == "events:PutEvents":
                statement["Action"] = "sns:Publish"

    whole = synthesise(environment(regions=1))
    assert unused(changed(whole, Stacks.SERVERLESS, drop_right)) == ["us-east-1 events"]


def statements_in(resources: Template) -> Iterator[Template]:
    """The statements of every policy of a stack."""
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Policy":
            yield from resource["Properties"]["PolicyDocument"]["Statement"]


def test_a_call_without_an_endpoint_is_found() -> None:
    whole = synthesise(environment(regions=1))

    def call_sns(resources: Template) -> None:
        for statement in statements_in(resources):
            if statement["Action"] == "events:PutEvents":
                statement["Action"] = ["events:PutEvents", "sns:Publish"]

    def drop_endpoint(resources: Template) -> None:
        for name, resource in list(resources.items()):
            if resource.get("Properties", {}).get("ServiceName") == "com.amazonaws.us-east-1.events":
                del resources[name]

    assert unanswered(changed(whole, Stacks.SERVERLESS, call_sns)) == ["us-east-1 Functions function: sns:Publish"]
    assert unanswered(changed(whole, Stacks.NETWORKING, drop_endpoint)) == [
        "us-east-1 Functions function: events:PutEvents"
    ]


def test_no_interface_endpoint_stands_for_services_that_nobody_calls(platform: Assembly) -> None:
    for stack in platform.of(Stacks.NETWORKING):
        services = {service_of(endpoint) for endpoint in stack.properties("AWS::EC2::VPCEndpoint")}
        rotates = stack.region == platform.environment.rotation_region.name
        assert services == {"s3", "dynamodb", "logs", "events", *(["secretsmanager"] if rotates else [])}


def test_interface_endpoints_have_private_dns_groups_of_their_own_and_serve_this_account(platform: Assembly) -> None:
    for network in Networks(platform).regions.values():
        worn = [group for member in network.members.values() for group in member.groups]
        for stack, _, endpoint in network.each("AWS::EC2::VPCEndpoint"):
            if endpoint["VpcEndpointType"] != "Interface":
                continue
            assert endpoint["PrivateDnsEnabled"] is True
            (group,) = (network.place(stack, reference) for reference in endpoint["SecurityGroupIds"])
            assert worn.count(group) == 1, service_of(endpoint)
            (statement,) = endpoint["PolicyDocument"]["Statement"]
            assert statement["Condition"] == {"StringEquals": {"aws:PrincipalAccount": platform.environment.account}}


def clients_made_by(package: Path) -> set[str]:
    """The services for which a package makes clients, its own and those of the shared runtime that it imports."""
    runtime = ast.parse((PROJECT / "lambda" / "platform_runtime" / "clients.py").read_text())
    shared = {
        function.name: service
        for function in runtime.body
        if isinstance(function, ast.FunctionDef)
        for service in _services(function, "_client")
    }
    found = set()
    for path in package.rglob("*.py"):
        tree = ast.parse(path.read_text())
        found |= set(_services(tree, "client"))
        found |= {shared[node.id] for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in shared}
    return found


def _services(tree: ast.AST, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == name and isinstance(node.args[0].value, str):
                yield node.args[0].value


def test_the_code_of_isolated_functions_calls_what_their_roles_and_endpoints_say() -> None:
    """Roles tell what a function may call; that it calls nothing else, KMS for one, only its code tells."""
    assembly = synthesise(environment(database={"rotation": "own"}))
    networks = Networks(assembly)
    for network in networks.regions.values():
        reached = {service_of(endpoint) for _, _, endpoint in network.each("AWS::EC2::VPCEndpoint")}
        for _, _, function in network.each("AWS::Lambda::Function"):
            if "VpcConfig" not in function:
                continue
            package = PROJECT / "lambda" / function["Handler"].split(".")[0]
            called = clients_made_by(package)
            assert called, f"{package.name} makes no client that this test can see"
            assert called <= reached, package.name
