"""Every IAM statement of every template, held against rules; what is accepted is accepted one by one, with a reason."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.platform.policy_rules import (
    Finding,
    findings,
    identity_findings,
    resource_findings,
    trust_findings,
)
from tests.synthesis import DETECTORS, Assembly, environment, everything, synthesise

_CDK_FUNCTION = "CDK's own function: it can write its log and nothing else by this policy, and CDK attaches it itself"

# By rule, stack, resource and detail, the latter two as regular expressions.
ACCEPTED: Mapping[tuple[str, str, str, str], str] = {
    ("managed policy", "*", "CustomS3AutoDelete.*|CustomVpcRestrict.*|AWS679f.*", ".*AWSLambdaBasicExecutionRole"): (
        _CDK_FUNCTION
    ),
    ("managed policy", "Compliance", "RecorderRole.*", "service-role/AWS_ConfigRole"): (
        "Config has to describe every type it records; AWS extends this policy with each new type"
    ),
    ("any resource", "Backup", "RoleDefaultPolicy.*", "backup:CopyFromBackupVault"): (
        "its resource is a recovery point, which is named by the service it is of"
    ),
    ("resource of another service", "Backup", "VaultCleanup.*", "backup:DeleteRecoveryPoint on .*snapshot.*"): (
        "a recovery point of a volume or a database has the ARN of its snapshot"
    ),
    ("any resource", "Database", "RotationFunctionRoleDefaultPolicy.*", "ec2:.*"): (
        "Lambda makes the network interfaces of a function in a VPC with the function's role, before it has any"
    ),
    ("any resource", "Serverless", "(ObjectProcessor|Api)FunctionRoleDefaultPolicy.*", "ec2:.*"): (
        "Lambda makes the network interfaces of a function in a VPC with the function's role, before it has any"
    ),
    ("any resource", "Compute", "Instances.*", "ssm:UpdateInstanceInformation"): (
        "an instance speaks for itself: its identity is in the request's signature, its id not known beforehand"
    ),
    ("any resource", "Networking", "PeeringAcceptance.*waiterstatemachine.*", "logs:(CreateLogStream|PutLogEvents)"): (
        "CDK's waiter: log delivery to a state machine knows no narrower resource"
    ),
    ("confused deputy", "Networking", "PeeringAcceptance.*waiterstatemachine.*", "states.amazonaws.com .*"): (
        "CDK's waiter, whose trust CDK writes; only a state machine of this account can be handed the role"
    ),
    ("confused deputy", "Backup", "(RestoreTest)?Role.*", "backup.amazonaws.com may assume .*"): (
        "AWS Backup assumes a role only for a plan of the role's own account, by PassRole"
    ),
    ("confused deputy", "Storage", "(AuditArchive|Replication)Role.*", "s3.amazonaws.com may assume .*"): (
        "S3 assumes it only for a bucket whose owner handed the role over, by PassRole"
    ),
    ("confused deputy", "Storage", "AuditLogsPolicy.*", "delivery.logs.amazonaws.com: .*"): (
        "CDK's statements for load balancers; log delivery writes below the prefixes of this account alone"
    ),
    (
        "wildcard in action",
        "CICD",
        "(ReleasePipeline|RolesPipeline).*",
        "(s3:(GetBucket|GetObject|List|DeleteObject|Abort)|kms:(GenerateDataKey|ReEncrypt))[*]",
    ): ("CDK's grants on the artifact buckets of this environment and their keys, which no argument narrows"),
    ("any resource", "CICD", "ReleasePipelineAssets.*", "codebuild:(BatchGetBuilds|StartBuild|StopBuild)"): (
        "CDK's statement for builds within builds; the role is CodeBuild's own and only publishes assets"
    ),
    ("any resource", "CICD", "ReleasePipelineUpdate.*", "(cloudformation:DescribeStacks|s3:ListBucket)"): (
        "CDK's statement by which the pipeline finds the bootstrap's version before it updates itself"
    ),
    ("any resource", "CICD", "RolesVerification.*", "cloudwatch:DescribeAlarms"): (
        "the alarm gate reads the states of all alarms at once; composite alarms can be described in no narrower way"
    ),
    ("confused deputy", "CICD", "(ReleasePipeline|Roles).*", "(codebuild|codepipeline).amazonaws.com may assume .*"): (
        "only a project or a pipeline of this account can be handed the role, by PassRole"
    ),
    ("key of another region", "CICD", "RolesPipeline.*", "kms:.* on .*:alias/.*-Artifacts"): (
        "CDK's grant, which does nothing for an alias; the statement that works asks for kms:ResourceAliases"
    ),
}


def accepted(finding: Finding) -> tuple[str, str, str, str] | None:
    """The acknowledgement that a finding falls under."""
    for key in ACCEPTED:
        rule, service, resource, detail = key
        if (
            finding.rule == rule
            and service in ("*", finding.service)
            and re.fullmatch(resource, finding.resource)
            and re.fullmatch(detail, finding.detail)
        ):
            return key
    return None


@pytest.fixture(scope="module")
def whole() -> list[Assembly]:
    """Everything that can be switched on, in the ways that exclude one another."""
    return [
        synthesise(
            environment(
                regions=3,
                retain_data=True,
                security=dict.fromkeys(DETECTORS, "create"),
                compliance={"auto_remediation": True},
            )
        ),
        synthesise(everything(retain_data=False)),
    ]


def test_no_statement_breaks_a_rule_that_is_not_accepted_with_its_reason(platform: Assembly) -> None:
    assert [str(found) for found in sorted(findings(platform)) if not accepted(found)] == []


def test_no_statement_breaks_a_rule_where_everything_is_switched_on(whole: list[Assembly]) -> None:
    broken = set().union(*map(findings, whole))
    assert [str(found) for found in sorted(broken) if not accepted(found)] == []


def test_nothing_is_accepted_that_does_not_occur(whole: list[Assembly]) -> None:
    """An acknowledgement that outlives its finding would accept the next one unseen."""
    used = {accepted(found) for found in set().union(*map(findings, whole))}
    assert set(ACCEPTED) - used == set()


def allow(action: str, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


_FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:one"
_KEY_ELSEWHERE = "arn:aws:kms:eu-west-1:000000000000:key/one"


@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        (allow("sqs:SendMesage", "arn:aws:sqs:us-east-1:000000000000:one"), {"unknown action"}),
        (allow("sqs:*", "arn:aws:sqs:us-east-1:000000000000:one"), {"wildcard in action"}),
        (allow("s3:GetObject", "*"), {"any resource"}),
        (allow("sqs:SendMessage", "arn:aws:sns:us-east-1:000000000000:one"), {"resource of another service"}),
        (allow("sqs:ListQueues", "arn:aws:sqs:us-east-1:000000000000:one"), {"action knows no resource"}),
        (allow("iam:PassRole", "arn:aws:iam::000000000000:role/*"), {"pass role"}),
        (allow("iam:PassRole", "arn:aws:iam::000000000000:role/one"), {"pass role"}),
        (allow("iam:AttachRolePolicy", "arn:aws:iam::000000000000:role/one"), {"escalation"}),
        (allow("lambda:UpdateFunctionCode", _FUNCTION), {"escalation"}),
        (allow("sts:AssumeRole", "*"), {"escalation", "any resource"}),
        (allow("kms:Decrypt", _KEY_ELSEWHERE), {"key of another region"}),
        ({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, {"everything but"}),
        (allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:one"), set()),
        (allow("ec2:DescribeTags", "*"), set()),
    ],
)
def test_a_statement_that_breaks_a_rule_is_found(statement: dict[str, Any], rules: set[str]) -> None:
    assert {rule for rule, _ in identity_findings([statement], region="us-east-1")} == rules


@pytest.mark.parametrize(
    ("principal", "condition", "rules"),
    [
        ({"Service": "config.amazonaws.com"}, {}, {"confused deputy"}),
        ({"Service": "config.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": "000000000000"}}, set()),
        ({"Service": "lambda.amazonaws.com"}, {}, set()),
        ({"AWS": "*"}, {}, {"anybody"}),
    ],
)
def test_a_trust_that_admits_too_many_is_found(principal: Any, condition: Any, rules: set[str]) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    assert {rule for rule, _ in trust_findings(statement)} == rules


@pytest.mark.parametrize(
    ("principal", "condition", "rules"),
    [
        ({"Service": "sns.amazonaws.com"}, None, {"confused deputy"}),
        ({"Service": "sns.amazonaws.com"}, {"ArnEquals": {"aws:SourceArn": "one"}}, set()),
        ("*", None, {"anybody"}),
        ({"AWS": "*"}, {"StringEquals": {"kms:CallerAccount": "000000000000"}}, set()),
    ],
)
def test_a_resource_that_admits_too_many_is_found(principal: Any, condition: Any, rules: set[str]) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage"}
    if condition:
        statement["Condition"] = condition
    assert {rule for rule, _ in resource_findings(statement)} == rules
