"""Accepts links between transit gateways, for which CloudFormation has no resource."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import custom_resources as cr
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge, logical_id
from constructs.shared.platform_log_group import PlatformLogGroup
from constructs.shared.python_function import PythonFunction

from configuration.partition import PARTITION


class PeeringAcceptance(Construct):
    """A custom resource that accepts an attachment in ``peer_regions`` and waits until it can carry traffic.

    One function is both handlers: each call brings the attachment a step nearer and says whether it is there.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        peer_regions: Sequence[str],
        environment_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        function = PythonFunction(
            self,
            "Function",
            package="accept_peering",
            description="Accepts transit gateway peerings in the peer's region",
            environment={},
            environment_key=environment_key,
            logs_key=logs_key,
            log_retention_days=log_retention_days,
            removal_policy=removal_policy,
            timeout=cdk.Duration.seconds(30),
        )
        account = cdk.Stack.of(self).account
        attachments = [
            f"arn:{PARTITION}:ec2:{region}:{account}:transit-gateway-attachment/*" for region in peer_regions
        ]
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["ec2:DescribeTransitGatewayPeeringAttachments"], resources=["*"])
        )
        function.add_to_role_policy(
            iam.PolicyStatement(actions=["ec2:AcceptTransitGatewayPeeringAttachment"], resources=attachments)
        )
        acknowledge(
            self,
            *(f"AwsSolutions-IAM5[Resource::{attachment}]" for attachment in attachments),
            reason="The attachments are made later, by the stacks that join the regions",
        )
        log_group = PlatformLogGroup(
            self, "LogGroup", key=logs_key, retention_days=log_retention_days, removal_policy=removal_policy
        )
        provider = cr.Provider(
            self,
            "Provider",
            on_event_handler=function,
            is_complete_handler=function,
            query_interval=cdk.Duration.seconds(15),
            total_timeout=cdk.Duration.minutes(30),
            log_group=log_group,
            framework_on_event_role=self._framework_role("StartRole", log_group),
            framework_complete_and_timeout_role=self._framework_role("WaitRole", log_group),
            disable_waiter_state_machine_logging=False,
            waiter_state_machine_log_options=cr.LogOptions(destination=log_group, level=sfn.LogLevel.ALL),
        )
        self.service_token = provider.service_token
        self._acknowledge(function, provider)

    def _framework_role(self, construct_id: str, log_group: logs.ILogGroup) -> iam.Role:
        """A role for CDK's own functions, which call ours; theirs would come with a managed policy."""
        role = iam.Role(self, construct_id, assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        return role

    def _acknowledge(self, function: lambda_.Function, provider: cr.Provider) -> None:
        called = [function, *(provider.node.find_child(f"framework-{name}") for name in ("isComplete", "onTimeout"))]
        for each in called:
            acknowledge(
                self,
                f"AwsSolutions-IAM5[Resource::<{logical_id(each)}.Arn>:*]",
                reason="CDK's provider may call any version of its own three functions, and no other",
            )
        acknowledge(
            provider,
            "AwsSolutions-IAM5[Resource::*]",
            reason="Step Functions' log delivery knows no narrower resource",
        )
        acknowledge(
            provider, "AwsSolutions-SF2", reason="The machine only waits, once per link; its log says all there is"
        )
