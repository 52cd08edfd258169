"""Holds IAM statements against rules; what AWS's actions and their resources are is cfn-lint's table of AWS's own.

Findings are values that compare and print, so that each can be acknowledged by itself.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from tests.synthesis import Assembly, StackTemplate
from tests.template_reading import as_list, text

Statement = Mapping[str, Any]

# Actions by which somebody gives himself rights that he does not have.
ESCALATES = frozenset(
    (
        *("iam:addusertogroup", "iam:attachgrouppolicy", "iam:attachrolepolicy", "iam:attachuserpolicy"),
        *("iam:createaccesskey", "iam:createloginprofile", "iam:createpolicyversion", "iam:createrole"),
        *("iam:deleterolepermissionsboundary", "iam:putgrouppolicy", "iam:putrolepermissionsboundary"),
        *("iam:putrolepolicy", "iam:putuserpolicy", "iam:setdefaultpolicyversion", "iam:updateassumerolepolicy"),
        *("iam:updateloginprofile", "lambda:updatefunctioncode", "lambda:updatefunctionconfiguration"),
        *("lambda:addpermission", "kms:putkeypolicy", "secretsmanager:putresourcepolicy", "s3:putbucketpolicy"),
        *("codebuild:updateproject", "ssm:sendcommand", "ec2:modifyinstanceattribute"),
    )
)
# Services that name the account or the resource for which they assume a role: not those whose roles are bound to
# one function, instance or task by PassRole. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
_BOUND_BY_PASS_ROLE = frozenset(
    {"lambda.amazonaws.com", "ec2.amazonaws.com", "edgelambda.amazonaws.com", "monitoring.rds.amazonaws.com"}
)
_NAMES_THE_CALLER = re.compile(
    "aws:(Source(Arn|Account|OrgID)|PrincipalOrgID)|kms:(CallerAccount|ViaService|EncryptionContext.*)|events:.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, order=True)
class Finding:
    """A rule that a statement breaks, and where."""

    rule: str
    service: str
    resource: str
    detail: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.service}/{self.resource}: {self.detail}"


@functools.cache
def _actions() -> Mapping[str, Any]:
    table = resources.files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    known: Mapping[str, Any] = json.loads(table.read_text())
    return known


def findings(assembly: Assembly) -> set[Finding]:
    """Everything that the assembly's policies break."""
    found = set()
    for stack, logical_id, resource in assembly.resources():
        for rule, detail in _of(stack, resource):
            found.add(Finding(rule, stack.service, logical_id, detail))
    return found


_RESOURCE_POLICIES = {
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
    "AWS::Backup::BackupVault": "AccessPolicy",
    "AWS::ApiGateway::RestApi": "Policy",
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
    "AWS::Logs::ResourcePolicy": "PolicyDocument",
    "AWS::ECR::Repository": "RepositoryPolicyText",
}


def _of(stack: StackTemplate, resource: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind, properties = resource["Type"], resource.get("Properties", {})
    if kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        yield from identity_findings(properties["PolicyDocument"]["Statement"], region=stack.region)
    if kind == "AWS::IAM::Role":
        for policy in properties.get("Policies", []):
            yield from identity_findings(policy["PolicyDocument"]["Statement"], region=stack.region)
        for arn in properties.get("ManagedPolicyArns", []):
            yield "managed policy", text(arn).rsplit(":policy/", 1)[-1].strip('"}')
        for statement in as_list(properties["AssumeRolePolicyDocument"]["Statement"]):
            yield from trust_findings(statement)
    if kind in _RESOURCE_POLICIES:
        document = properties.get(_RESOURCE_POLICIES[kind])
        # An endpoint's policy narrows what leaves the network: it grants nothing to anybody.
        if isinstance(document, dict) and kind != "AWS::EC2::VPCEndpoint":
            for statement in as_list(document["Statement"]):
                yield from resource_findings(statement)
    if kind == "AWS::Lambda::Permission" and "SourceArn" not in properties and "SourceAccount" not in properties:
        yield "confused deputy", f"{text(properties['Principal'])} may call for anybody"


def identity_findings(statements: Any, *, region: str) -> Iterator[tuple[str, str]]:
    """What the statements of a role's policy break."""
    allowed = [statement for statement in as_list(statements) if statement["Effect"] == "Allow"]
    for statement in allowed:
        if {"NotAction", "NotResource"} & statement.keys():
            yield "everything but", "allows all but what it names"
            continue
        where = [text(resource) for resource in as_list(statement["Resource"])]
        for action in map(text, as_list(statement["Action"])):
            yield from _action_findings(action, where, statement, region)


def _action_findings(action: str, where: list[str], statement: Statement, region: str) -> Iterator[tuple[str, str]]:
    service, _, name = action.lower().partition(":")
    known = _actions().get(service, {}).get("Actions", {})
    matching = [found for found in known if re.fullmatch(re.escape(name).replace(r"\*", ".*"), found)]
    if not matching:
        yield "unknown action", action
        return
    if "*" in action:
        yield "wildcard in action", action
    if any(f"{service}:{found}" in ESCALATES for found in matching):
        yield "escalation", action
    narrow = [found for found in matching if known[found].get("Resources")]
    if where == ["*"] and narrow and not statement.get("Condition"):
        yield "any resource", action
    if action.lower() == "iam:passrole":
        if any("*" in resource for resource in where):
            yield "pass role", f"any of {where}"
        if "iam:PassedToService" not in json.dumps(statement.get("Condition", {})):
            yield "pass role", "to any service"
    if action.lower() == "sts:assumerole" and any(resource in ("*", "arn:aws:iam::*:role/*") for resource in where):
        yield "escalation", "assumes any role"
    for resource in where:
        yield from _resource_findings(action, service, narrow, known, resource, statement, region)


def _resource_findings(
    action: str,
    service: str,
    narrow: list[str],
    known: Mapping[str, Any],
    resource: str,
    statement: Statement,
    region: str,
) -> Iterator[tuple[str, str]]:
    arn = re.match(r"arn:[^:]*:(?P<service>[a-z0-9-]+):(?P<region>[^:]*):", resource)
    if arn is None:
        return
    # The table spells kinds in two ways.
    kinds = {kind.lower(): entry for kind, entry in _actions()[service]["Resources"].items()}
    formats = [
        entry.split(":")[2]
        for found in narrow
        for kind in as_list(known[found]["Resources"])
        for entry in kinds.get(kind.lower(), {}).get("ARNFormats", [])
    ]
    if not formats:
        yield "action knows no resource", f"{action} on {resource}"
    elif arn["service"] not in formats:
        yield "resource of another service", f"{action} on {resource}"
    elsewhere = re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", arn["region"]) and arn["region"] != region
    if arn["service"] == "kms" and (elsewhere or "*" in resource) and not statement.get("Condition"):
        yield "key of another region", f"{action} on {resource}"


def trust_findings(statement: Statement) -> Iterator[tuple[str, str]]:
    """What the statement of who may assume a role breaks."""
    principal = statement["Principal"]
    if principal == "*" or "*" in as_list(principal.get("AWS", [])):
        yield "anybody", "may assume the role"
    for service in map(text, as_list(principal.get("Service", []) if isinstance(principal, dict) else [])):
        if service not in _BOUND_BY_PASS_ROLE and not _names_the_caller(statement):
            yield "confused deputy", f"{service} may assume the role for anybody"


def resource_findings(statement: Statement) -> Iterator[tuple[str, str]]:
    """What a statement of a resource's own policy breaks."""
    if statement["Effect"] != "Allow":
        return
    if "NotPrincipal" in statement:
        yield "everything but", "admits all but those it names"
        return
    principal = statement["Principal"]
    conditions = statement.get("Condition")
    if (principal == "*" or "*" in as_list(principal.get("AWS", []))) and not conditions:
        yield "anybody", ", ".join(map(text, as_list(statement["Action"])))
    if isinstance(principal, dict):
        for service in map(text, as_list(principal.get("Service", []))):
            if not _names_the_caller(statement):
                yield "confused deputy", f"{service}: {', '.join(map(text, as_list(statement['Action'])))}"


def _names_the_caller(statement: Statement) -> bool:
    keys = [key for operator in statement.get("Condition", {}).values() for key in operator]
    return any(_NAMES_THE_CALLER.fullmatch(key) for key in keys)
