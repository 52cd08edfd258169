"""Writes the policies of a bootstrap that is no administrator: `python -m ops.bootstrap_policy --environment prod`.

CloudFormation deploys with a role that `cdk bootstrap` makes, by default with AdministratorAccess. The policies
written here allow what the environment's own resource types need, by the permissions that AWS publishes for each
type, and let roles be made only under a permissions boundary.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cfnlint.schema import ResourceNotFoundError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from configuration import ConfigurationError, Environment, load_environment
from configuration.partition import GLOBAL_SERVICES_REGION, PARTITION
from ops import gates

Document = dict[str, Any]
MOST_CHARACTERS = 6144
"""The longest a managed policy may be: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
MOST_POLICIES = 10
"""How many managed policies a role may have; same page."""

# What the schema's permissions leave out: CloudFormation and CDK themselves.
_DEPLOYMENT = (
    "cloudformation:DescribeStacks",
    "kms:CreateGrant",
    "lambda:InvokeFunction",
    "ssm:GetParameters",
)
# Made while something is created, each for a service that the platform uses.
_LINKED_ROLE_SERVICES = (
    *("autoscaling", "ecs", "ecs.application-autoscaling", "elasticloadbalancing", "rds", "backup", "config"),
    *("transitgateway", "replication.dynamodb", "ops.apigateway", "cloudtrail", "guardduty", "macie", "securityhub"),
    *("access-analyzer", "inspector2", "replicator.lambda", "secretsmanager"),
)
_ROLE_ACTIONS_UNDER_BOUNDARY = (
    *("iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
    *("iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
)
_NEVER = ("iam:CreateUser", "iam:CreateAccessKey", "iam:DeleteRolePermissionsBoundary")
_OF_ORGANISATIONS = ("organizations:", "account:")


def boundary(environment: Environment) -> Document:
    """The most that any role of the platform can do, whatever its own policies say.

    It allows everything but what leads out of the platform: rights for oneself or others, other regions, and the
    silencing of what records and watches.
    """
    regions = sorted({region.name for region in environment.regions} | {GLOBAL_SERVICES_REGION})
    return _document(
        [
            {"Sid": "TheRolesOwnPoliciesDecide", "Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Sid": "NobodyGivesRights",
                "Effect": "Deny",
                "Action": [
                    *("iam:Add*", "iam:Attach*", "iam:Change*", "iam:CreateAccessKey", "iam:CreateGroup"),
                    *("iam:CreateInstanceProfile", "iam:CreateLoginProfile", "iam:CreateOpenIDConnectProvider"),
                    *("iam:CreatePolicy*", "iam:CreateRole", "iam:CreateSAMLProvider", "iam:CreateUser"),
                    *("iam:CreateVirtualMFADevice", "iam:Deactivate*", "iam:Delete*", "iam:Detach*", "iam:Enable*"),
                    *("iam:Put*", "iam:Remove*", "iam:Reset*", "iam:Resync*", "iam:Set*", "iam:Tag*", "iam:Untag*"),
                    *("iam:Update*", "iam:Upload*", "organizations:*", "account:*"),
                ],
                "Resource": "*",
            },
            {
                "Sid": "OnlyOwnRolesAreHandedOn",
                "Effect": "Deny",
                "Action": "iam:PassRole",
                "NotResource": _own_roles(environment),
            },
            {
                "Sid": "NobodySilencesTheWatch",
                "Effect": "Deny",
                "Action": [
                    *("cloudtrail:Delete*", "cloudtrail:PutEventSelectors", "cloudtrail:Stop*", "cloudtrail:Update*"),
                    *("config:Delete*", "config:Stop*", "guardduty:Delete*", "guardduty:Disassociate*"),
                    *("securityhub:Disable*", "macie2:Disable*", "access-analyzer:Delete*"),
                    *("kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"),
                ],
                "Resource": "*",
            },
            {
                "Sid": "NowhereElse",
                "Effect": "Deny",
                # Services whose only endpoint stands in one region of AWS's choice.
                "NotAction": [
                    *("ce:*", "cloudfront:*", "health:*", "iam:*", "route53:*", "route53domains:*", "s3:*"),
                    *("shield:*", "sts:*", "support:*", "waf:*"),
                ],
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": regions}},
            },
        ]
    )


def execution_policies(environment: Environment, types: Iterable[str]) -> list[Document]:
    """What CloudFormation needs to deploy resources of ``types``, in as many policies as their length asks for.

    Raises:
        ValueError: they are more policies than a role may have.
    """
    actions = sorted({action for resource_type in types for action in permissions(resource_type)} | set(_DEPLOYMENT))
    documents: list[Document] = [_document(list(_iam_statements(environment, actions)))]
    statement: list[str] = []
    for action in [action for action in actions if not action.startswith(("iam:", "sts:"))]:
        if len(_text(_everywhere([*statement, action]))) > MOST_CHARACTERS:
            documents.append(_everywhere(statement))
            statement = []
        statement.append(action)
    documents.append(_everywhere(statement))
    if len(documents) > MOST_POLICIES:
        raise ValueError(f"the environment needs {len(documents)} policies, and a role may have {MOST_POLICIES}")
    return documents


def permissions(resource_type: str) -> set[str]:
    """The actions that CloudFormation's handlers of a resource type call, as AWS publishes them with its schema."""
    if not resource_type.startswith("AWS::") or resource_type == "AWS::CloudFormation::CustomResource":
        return {"lambda:InvokeFunction"}
    try:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(GLOBAL_SERVICES_REGION, resource_type).schema
    except ResourceNotFoundError:
        schema = {}
    found = {action for handler in schema.get("handlers", {}).values() for action in handler.get("permissions", [])}
    # Some handlers can also do things for a whole organisation, which the platform never asks for.
    found = {action for action in found if not action.lower().startswith(_OF_ORGANISATIONS)}
    service = resource_type.split("::")[1].lower()
    # Types of before the registry publish none: their service as a whole, by the prefix it has in IAM.
    return {action for action in found if ":" in action and action != "*"} or {f"{_PREFIXES.get(service, service)}:*"}


_PREFIXES = {
    "elasticloadbalancingv2": "elasticloadbalancing",
    "certificatemanager": "acm",
    "applicationautoscaling": "application-autoscaling",
    "route53recoverycontrol": "route53-recovery-control-config",
}


def used_types(environment: Environment) -> set[str]:
    """The resource types in the templates that the environment synthesises to."""
    types = set()
    with tempfile.TemporaryDirectory() as directory:
        gates.synthesise(environment, Path(directory), nag=False)
        for paths in gates.templates_by_region(Path(directory)).values():
            for path in paths:
                resources = json.loads(path.read_text())["Resources"].values()
                types |= {resource["Type"] for resource in resources}
    return types


def _iam_statements(environment: Environment, actions: Sequence[str]) -> Iterator[Document]:
    names, account = environment.names, environment.account
    boundary_arn = f"arn:{PARTITION}:iam::{account}:policy/{names.boundary}"
    own = [_own_roles(environment), f"arn:{PARTITION}:iam::{account}:instance-profile/{names.prefix}-*"]
    used = {action for action in actions if action.startswith("iam:")}
    if "iam:CreateRole" in used:
        used |= set(_ROLE_ACTIONS_UNDER_BOUNDARY)
    forbidden = {action for action in used if action.startswith(_NEVER) or action == "iam:PassRole"}
    guarded = sorted(used & set(_ROLE_ACTIONS_UNDER_BOUNDARY))
    yield {
        "Sid": "RolesUnderTheBoundary",
        "Effect": "Allow",
        "Action": guarded,
        "Resource": _own_roles(environment),
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}},
    }
    yield {
        "Sid": "OwnRolesAndProfiles",
        "Effect": "Allow",
        "Action": sorted(used - set(guarded) - forbidden - {"iam:CreateServiceLinkedRole"}),
        "Resource": own,
    }
    yield {
        "Sid": "OwnRolesForServices",
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": _own_roles(environment),
        "Condition": {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}},
    }
    yield {
        "Sid": "ServiceLinkedRoles",
        "Effect": "Allow",
        "Action": "iam:CreateServiceLinkedRole",
        "Resource": f"arn:{PARTITION}:iam::{account}:role/aws-service-role/*",
        "Condition": {
            "StringEquals": {"iam:AWSServiceName": [f"{service}.amazonaws.com" for service in _LINKED_ROLE_SERVICES]}
        },
    }
    yield {
        "Sid": "TheBoundaryStays",
        "Effect": "Deny",
        "Action": ["iam:DeleteRolePermissionsBoundary", "iam:CreatePolicyVersion", "iam:DeletePolicy"],
        "Resource": [_own_roles(environment), boundary_arn],
    }


def _own_roles(environment: Environment) -> str:
    """The roles whose names CloudFormation begins with the names of the environment's stacks."""
    return f"arn:{PARTITION}:iam::{environment.account}:role/{environment.names.prefix}-*"


def _everywhere(actions: Sequence[str]) -> Document:
    return _document([{"Effect": "Allow", "Action": list(actions), "Resource": "*"}])


def _document(statements: Sequence[Mapping[str, Any]]) -> Document:
    return {"Version": "2012-10-17", "Statement": [dict(statement) for statement in statements]}


def _text(document: Document) -> str:
    return json.dumps(document, separators=(",", ":"))


def commands(environment: Environment, directory: Path, policies: int) -> list[str]:
    """What an administrator types once in each account, and once more when the policies have changed."""
    names, account = environment.names, environment.account
    execution = [f"{names.prefix}-Execution{number}" for number in range(1, policies + 1)]
    created = [(names.boundary, "boundary.json"), *((name, f"{name}.json") for name in execution)]
    arns = ",".join(f"arn:{PARTITION}:iam::{account}:policy/{name}" for name in execution)
    regions = sorted({region.name for region in environment.regions} | {GLOBAL_SERVICES_REGION})
    places = " ".join(f"aws://{account}/{region}" for region in regions)
    return [
        *(
            f"aws iam create-policy --policy-name {name} --policy-document file://{directory / file}"
            for name, file in created
        ),
        f"cdk bootstrap {places} --cloudformation-execution-policies {arns}",
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the policies and print the commands that use them; the exit code is 0 unless the file has mistakes."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.bootstrap_policy", description="policies for a bootstrap without AdministratorAccess"
    )
    parser.add_argument("--environment", default="local", help="a name in environments/ or the path of a file")
    parser.add_argument("--output", type=Path, default=Path("build/bootstrap"), help="the folder to write to")
    options = parser.parse_args(arguments)
    try:
        environment = load_environment(options.environment)
        print("Reading what the environment consists of ...", file=sys.stderr)
        documents = execution_policies(environment, used_types(environment))
        options.output.mkdir(parents=True, exist_ok=True)
        files = {"boundary.json": boundary(environment)}
        for number, document in enumerate(documents, start=1):
            files[f"{environment.names.prefix}-Execution{number}.json"] = document
        for name, document in files.items():
            (options.output / name).write_text(_text(document) + "\n", encoding="utf-8")
    except (ConfigurationError, ValueError, OSError) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    print("\n".join(commands(environment, options.output, len(documents))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
