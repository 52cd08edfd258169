"""The two ways to rotate the database's password every 30 days; both run in the isolated subnets."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from constructs.database.credentials import EXCLUDED_CHARACTERS
from constructs.shared.python_function import PythonFunction

EVERY = cdk.Duration.days(30)


class HostedRotation(Construct):
    """Rotation by the function that AWS hosts: CloudFormation expands it from a macro, at its own run time.

    ``security_group`` must be admitted to the database and to the endpoint of Secrets Manager.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        secret: secretsmanager.ISecret,
        function_name: str,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self.schedule = secretsmanager.RotationSchedule(
            self,
            "Schedule",
            secret=secret,
            automatically_after=EVERY,
            hosted_rotation=secretsmanager.HostedRotation.mysql_single_user(
                function_name=function_name,
                vpc=vpc,
                vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
                security_groups=[security_group],
                exclude_characters=EXCLUDED_CHARACTERS,
            ),
        )


class OwnRotation(Construct):
    """Rotation by the platform's own function, ``lambda/rotate_secret``."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        secret: secretsmanager.ISecret,
        secret_arn: str,
        key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.function = PythonFunction(
            self,
            "Function",
            package="rotate_secret",
            description="Rotates the password of the database",
            environment={
                "DATABASE_CA_BUNDLE": f"rotate_secret/authorities/{stack.region}.pem",
                "EXCLUDE_CHARACTERS": EXCLUDED_CHARACTERS,
            },
            environment_key=key,
            logs_key=logs_key,
            log_retention_days=log_retention_days,
            removal_policy=removal_policy,
            timeout=cdk.Duration.minutes(1),
            vpc=vpc,
            security_groups=[security_group],
        )
        self.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=[
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                resources=[secret_arn],
            )
        )
        self.function.add_to_role_policy(
            iam.PolicyStatement(actions=["secretsmanager:GetRandomPassword"], resources=["*"])
        )
        self.function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"secretsmanager.{stack.region}.amazonaws.com"}},
            )
        )
        permission = lambda_.CfnPermission(
            self,
            "SecretsManagerMayInvoke",
            action="lambda:InvokeFunction",
            function_name=self.function.function_arn,
            principal="secretsmanager.amazonaws.com",
            source_account=stack.account,
        )
        self.schedule = secretsmanager.CfnRotationSchedule(
            self,
            "Schedule",
            secret_id=secret.secret_arn,
            rotation_lambda_arn=self.function.function_arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                automatically_after_days=EVERY.to_days()
            ),
        )
        self.schedule.node.add_dependency(permission)
