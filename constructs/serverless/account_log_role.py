"""By which role API Gateway writes logs."""

import aws_cdk as cdk
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge


class AccountLogRole(Construct):
    """The role by which API Gateway writes the logs of all APIs of the account in this region.

    The account has this setting once per region. When it is set, the service tries it out on a log group of its own,
    so that the role reaches all log groups of the account's region and nothing else.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, removal_policy: cdk.RemovalPolicy) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        log_groups = stack.format_arn(service="logs", resource="*")
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
            description="What API Gateway may do in this account's log groups",
            inline_policies={
                "Logs": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=[
                                "logs:CreateLogGroup",
                                "logs:CreateLogStream",
                                "logs:DescribeLogGroups",
                                "logs:DescribeLogStreams",
                                "logs:FilterLogEvents",
                                "logs:GetLogEvents",
                                "logs:PutLogEvents",
                            ],
                            resources=[log_groups],
                        )
                    ]
                )
            },
        )
        role.apply_removal_policy(removal_policy)
        self.account = apigateway.CfnAccount(self, "Account", cloud_watch_role_arn=role.role_arn)
        self.account.apply_removal_policy(removal_policy)
        acknowledge(
            role,
            f"AwsSolutions-IAM5[Resource::{log_groups}]",
            reason="API Gateway names its log groups itself, one for each API and stage of the account",
        )
