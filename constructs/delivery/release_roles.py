"""Who may do what in a release."""

from collections.abc import Iterable

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge, logical_id

from configuration.partition import PARTITION


def bootstrap_role(stack: cdk.Stack, kind: str, region: str) -> str:
    """The ARN of one of the roles that ``cdk bootstrap`` made in a region of the stack's account."""
    qualifier = stack.synthesizer.bootstrap_qualifier or cdk.DefaultStackSynthesizer.DEFAULT_QUALIFIER
    return f"arn:{PARTITION}:iam::{stack.account}:role/cdk-{qualifier}-{kind}-role-{stack.account}-{region}"


class ReleaseRoles(Construct):
    """One role for the pipeline and one for each kind of build.

    None may change what is deployed: stacks are deployed by the roles that ``cdk bootstrap`` made, one of which
    CloudFormation assumes for the pipeline. The builds' roles hold what is written here and nothing that CDK would
    add for each project.

    Attributes:
        pipeline: starts builds and deployments; CDK adds each project and each deployment role.
        build: tests and synthesises what was pushed, and so may do nothing in the account.
        differences: reads templates as deployed, by the regions' lookup roles.
        verification: reads alarms, health checks and stacks; protects stacks from deletion.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        connection_arn: str,
        artifacts: s3.IBucket,
        key: kms.IKey,
        log_group: logs.ILogGroup,
        regions: Iterable[str],
        stack_name_prefix: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._artifacts, self._key, self._log_group = artifacts, key, log_group
        self._connection_arn = connection_arn
        stack = cdk.Stack.of(self)

        pipeline = self._role("Pipeline", "codepipeline", "Starts the builds and deployments of a release")
        _allow(pipeline, _CONNECTION, [connection_arn])
        self.pipeline = pipeline

        self.build = self._builder("Build", "Tests and synthesises what was pushed").without_policy_updates()

        differences = self._builder("Differences", "Compares templates with what is deployed")
        _allow(differences, ["sts:AssumeRole"], [bootstrap_role(stack, "lookup", region) for region in regions])
        self.differences = differences.without_policy_updates()

        verification = self._builder("Verification", "Verifies a release")
        _allow(
            verification, ["cloudwatch:DescribeAlarms", "cloudformation:ListStacks", "route53:ListHealthChecks"], ["*"]
        )
        health_checks = f"arn:{PARTITION}:route53:::healthcheck/*"
        _allow(verification, ["route53:GetHealthCheckStatus"], [health_checks])
        stacks = f"arn:{PARTITION}:cloudformation:*:{stack.account}:stack/{stack_name_prefix}*/*"
        _allow(verification, ["cloudformation:UpdateTerminationProtection"], [stacks])
        acknowledge(
            verification,
            "AwsSolutions-IAM5[Resource::*]",
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
            reason="Composite alarms are shown to nobody with a narrower scope; the other lists know no resource",
        )
        acknowledge(
            verification,
            f"AwsSolutions-IAM5[Resource::{health_checks}]",
            f"AwsSolutions-IAM5[Resource::{stacks}]",
            reason="Health checks have ids of Route 53's choice; stacks are this environment's, in every region",
        )
        self.verification = verification.without_policy_updates()

    def allow_artifact_keys(self, regions: Iterable[str], *, alias: str) -> None:
        """Let the pipeline write artifacts of other regions, whose keys are known by their alias.

        IAM cannot name a key by its alias; it can demand that the key bears it.
        https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
        """
        for region in regions:
            keys = f"arn:{PARTITION}:kms:{region}:{cdk.Stack.of(self).account}:key/*"
            self.pipeline.add_to_policy(
                iam.PolicyStatement(
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=[keys],
                    conditions={
                        "StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"},
                        "ForAnyValue:StringEquals": {"kms:ResourceAliases": alias},
                    },
                )
            )
            acknowledge(
                self.pipeline,
                f"AwsSolutions-IAM5[Resource::{keys}]",
                reason="The other region's key is known by its alias, which the statement's condition demands",
            )

    def _builder(self, construct_id: str, description: str) -> iam.Role:
        """What every build takes: the source, artifacts and the cache, and its log."""
        role = self._role(construct_id, "codebuild", description)
        _allow(role, _CONNECTION, [self._connection_arn])
        _allow(role, ["logs:CreateLogStream", "logs:PutLogEvents"], [self._log_group.log_group_arn])
        _allow(role, ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket"], [self._artifacts.bucket_arn])
        objects = self._artifacts.arn_for_objects("*")
        _allow(role, ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], [objects])
        _allow(role, ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"], [self._key.key_arn])
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::<{logical_id(self._artifacts)}.Arn>/*]",
            reason="CodePipeline names artifacts by execution",
        )
        return role

    def _role(self, construct_id: str, service: str, description: str) -> iam.Role:
        principal = iam.ServicePrincipal(f"{service}.amazonaws.com")
        return iam.Role(self, construct_id, assumed_by=principal, description=description)


# Connections made before the service got its present name know the former one alone.
_CONNECTION = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]


def _allow(role: iam.Role, actions: list[str], resources: list[str]) -> None:
    role.add_to_policy(iam.PolicyStatement(actions=actions, resources=resources))
