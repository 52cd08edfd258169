"""The role by which API Gateway writes the logs of every API of the account in a region."""

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.partition import PARTITION


class ApiGatewayLogging(Construct):
    """The account's setting, with a role of its own instead of AWS's managed policy for it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "apigateway.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
            description="What API Gateway may do with logs",
        )
        groups = f"arn:{PARTITION}:logs:{stack.region}:{stack.account}:log-group:*"
        role.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "logs:CreateLogGroup",
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:PutLogEvents",
                    "logs:GetLogEvents",
                    "logs:FilterLogEvents",
                ],
                resources=[groups],
            )
        )
        role.add_to_policy(iam.PolicyStatement(actions=["logs:DescribeLogGroups"], resources=["*"]))
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::{groups}]",
            "AwsSolutions-IAM5[Resource::*]",
            reason="API Gateway checks the role against log groups of its own choice when the setting is made",
        )
        self.setting = apigateway.CfnAccount(self, "Setting", cloud_watch_role_arn=role.role_arn)
        self.setting.node.add_dependency(role)
