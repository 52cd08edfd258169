"""The policies of the bootstrap: enough for what the platform consists of, and far from everything."""

import json
import re
from pathlib import Path

import pytest

from ops import bootstrap_policy
from tests.synthesis import Assembly, environment, synthesise


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    return synthesise(environment(regions=2))


@pytest.fixture(scope="module")
def policies(assembly: Assembly) -> list[bootstrap_policy.Document]:
    types = {resource["Type"] for _, _, resource in assembly.resources()}
    return bootstrap_policy.execution_policies(assembly.environment, types)


def allowed(policies: list[bootstrap_policy.Document]) -> set[str]:
    found: set[str] = set()
    for policy in policies:
        for statement in policy["Statement"]:
            if statement["Effect"] == "Allow":
                actions = statement["Action"]
                found |= {actions} if isinstance(actions, str) else set(actions)
    return found


def test_whatever_a_resource_type_needs_is_allowed(
    assembly: Assembly, policies: list[bootstrap_policy.Document]
) -> None:
    actions = allowed(policies)
    for _, _, resource in assembly.resources():
        needed = bootstrap_policy.permissions(resource["Type"])
        missing = {action for action in needed - actions if not action.startswith(("iam:", "sts:"))}
        assert missing == set(), resource["Type"]


def test_a_type_that_is_not_used_brings_no_permission(policies: list[bootstrap_policy.Document]) -> None:
    services = {action.split(":")[0] for action in allowed(policies)}
    assert "sqs" in services
    assert services.isdisjoint({"eks", "sagemaker", "organizations", "account"})


def test_nothing_is_allowed_altogether(policies: list[bootstrap_policy.Document]) -> None:
    assert not {"*", "iam:*", "kms:*", "s3:*"} & allowed(policies)


def test_roles_get_rights_only_under_the_boundary(policies: list[bootstrap_policy.Document]) -> None:
    gives = {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"}
    for policy in policies:
        for statement in policy["Statement"]:
            if statement["Effect"] == "Allow" and gives & set(statement["Action"]):
                boundary = statement["Condition"]["StringEquals"]["iam:PermissionsBoundary"]
                assert boundary == "arn:aws:iam::000000000000:policy/Acme-test-Boundary"
    assert gives <= allowed(policies)
    assert not {action for action in allowed(policies) if action.startswith(("iam:CreateUser", "iam:CreateAccessKey"))}


def test_only_roles_of_the_platform_are_touched(policies: list[bootstrap_policy.Document]) -> None:
    for policy in policies:
        for statement in policy["Statement"]:
            if any(action.startswith("iam:") for action in statement["Action"]):
                assert statement["Resource"] != "*"


def test_the_policies_keep_the_limits_of_iam(policies: list[bootstrap_policy.Document], assembly: Assembly) -> None:
    assert len(policies) <= bootstrap_policy.MOST_POLICIES
    for policy in [*policies, bootstrap_policy.boundary(assembly.environment)]:
        assert len(json.dumps(policy, separators=(",", ":"))) <= bootstrap_policy.MOST_CHARACTERS


def test_too_many_types_are_refused_with_the_number() -> None:
    services = [f"AWS::Made{'Up' * 20}{number}::Thing" for number in range(2000)]
    with pytest.raises(ValueError, match=r"needs \d+ policies, and a role may have 10"):
        bootstrap_policy.execution_policies(environment(regions=1), services)


def matches(pattern: str, action: str) -> bool:
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE))


def test_the_boundary_denies_no_role_what_its_own_policies_allow(assembly: Assembly) -> None:
    """A boundary that is too narrow would show as a failure at run time alone."""
    denied = [
        action
        for statement in bootstrap_policy.boundary(assembly.environment)["Statement"]
        if statement["Effect"] == "Deny" and "NotResource" not in statement
        for action in statement.get("Action", [])
    ]
    refused = [
        (stack.name, logical_id, action)
        for stack, logical_id, policy in assembly.resources("AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        if any(matches(pattern, action) for pattern in denied)
    ]
    assert refused == []


@pytest.mark.parametrize(
    "action",
    ["iam:CreateUser", "iam:PutRolePolicy", "cloudtrail:StopLogging", "kms:ScheduleKeyDeletion", "organizations:Leave"],
)
def test_the_boundary_denies_what_leads_out_of_the_platform(assembly: Assembly, action: str) -> None:
    statements = bootstrap_policy.boundary(assembly.environment)["Statement"]
    denied = [pattern for statement in statements[1:] for pattern in statement.get("Action", [])]
    assert any(matches(pattern, action) for pattern in denied)


def test_the_command_writes_the_policies_and_says_how_to_use_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap_policy.main(["--environment", "dev", "--output", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    files = {path.name for path in tmp_path.iterdir()}
    assert "boundary.json" in files
    assert "Acme-dev-Execution1.json" in files
    for name in files:
        json.loads((tmp_path / name).read_text())
        assert name in printed
    assert "cdk bootstrap aws://111111111111/us-east-1 aws://111111111111/us-west-2 " in printed


def test_a_file_that_does_not_exist_is_told_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap_policy.main(["--environment", "nowhere"]) == 1
    assert "nowhere" in capsys.readouterr().err
