"""Repairs that AWS makes by itself where a rule is broken."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.partition import PARTITION

_AWS = config.ManagedRuleIdentifiers


@dataclass(frozen=True)
class _Repair:
    """A document of Systems Manager and the name of its parameter that takes the resource, if any."""

    document: str
    resource_parameter: str | None


# https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-ref-cc.html
REPAIRS: Mapping[str, _Repair] = {
    _AWS.S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED: _Repair(
        "AWSConfigRemediation-ConfigureS3BucketPublicAccessBlock", "BucketName"
    ),
    _AWS.EC2_EBS_ENCRYPTION_BY_DEFAULT: _Repair("AWSConfigRemediation-EnableEbsEncryptionByDefault", None),
    _AWS.VPC_DEFAULT_SECURITY_GROUP_CLOSED: _Repair(
        "AWSConfigRemediation-RemoveVPCDefaultSecurityGroupRules", "GroupId"
    ),
}
"""By the identifier of a rule, the repair that can do no harm: nothing that works depends on what it takes away."""


class Remediation(Construct):
    """Repairs what breaks one of ``rules``, those of them that have a repair, up to three times in a row."""

    def __init__(self, scope: Construct, construct_id: str, *, rules: Mapping[str, config.ManagedRule]) -> None:
        super().__init__(scope, construct_id)
        role = self._role()
        for identifier, repair in REPAIRS.items():
            rule = rules[identifier]
            parameters: dict[str, Any] = {"AutomationAssumeRole": {"StaticValue": {"Values": [role.role_arn]}}}
            if repair.resource_parameter:
                parameters[repair.resource_parameter] = {"ResourceValue": {"Value": "RESOURCE_ID"}}
            config.CfnRemediationConfiguration(
                self,
                rule.node.id,
                config_rule_name=rule.config_rule_name,
                target_id=repair.document,
                target_type="SSM_DOCUMENT",
                parameters=parameters,
                automatic=True,
                maximum_automatic_attempts=3,
                retry_attempt_seconds=300,
            ).node.add_dependency(role)

    def _role(self) -> iam.Role:
        stack = cdk.Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "ssm.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            description="What repairs may change",
        )
        buckets, groups = (
            f"arn:{PARTITION}:s3:::*",
            f"arn:{PARTITION}:ec2:{stack.region}:{stack.account}:security-group/*",
        )
        for actions, resources in (
            (["s3:PutBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock"], [buckets]),
            (["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"], [groups]),
            (
                ["ec2:EnableEbsEncryptionByDefault", "ec2:GetEbsEncryptionByDefault", "ec2:DescribeSecurityGroups"],
                ["*"],
            ),
        ):
            role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
        acknowledge(
            role,
            *(f"AwsSolutions-IAM5[Resource::{resource}]" for resource in (buckets, groups, "*")),
            reason="Any bucket and any default security group may break its rule; the actions can only close them",
        )
        return role
