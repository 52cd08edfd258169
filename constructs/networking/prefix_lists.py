"""The addresses of AWS services, as the prefix lists that AWS maintains."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import custom_resources as cr
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_log_group import PlatformLogGroup


class ServicePrefixLists(Construct):
    """The ids of the region's lists of S3, DynamoDB and Route 53's health checkers.

    The ids differ by region and no CloudFormation resource tells them; CDK's own look-up would need the
    account's credentials at synthesis and give a made-up id without them. So they are asked for at deployment.
    https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._log_group = PlatformLogGroup(
            self, "LogGroup", key=logs_key, retention_days=log_retention_days, removal_policy=removal_policy
        )
        # Inline, so that whoever waits for the role waits for what it may do.
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={
                "ReadPrefixLists": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(actions=["ec2:DescribeManagedPrefixLists"], resources=["*"]),
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[self._log_group.log_group_arn],
                        ),
                    ]
                )
            },
        )
        acknowledge(
            self._role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="EC2 knows no narrower resource for DescribeManagedPrefixLists",
        )
        self.s3 = self._id("S3", "s3")
        self.dynamodb = self._id("DynamoDb", "dynamodb")
        self.health_checkers = self._id("HealthCheckers", "route53-healthchecks")

    def _id(self, construct_id: str, service: str) -> str:
        name = f"com.amazonaws.{cdk.Stack.of(self).region}.{service}"
        found = "PrefixLists.0.PrefixListId"
        call = cr.AwsSdkCall(
            service="EC2",
            action="describeManagedPrefixLists",
            parameters={"Filters": [{"Name": "prefix-list-name", "Values": [name]}]},
            physical_resource_id=cr.PhysicalResourceId.of(name),
            output_paths=[found],
        )
        resource = cr.AwsCustomResource(
            self,
            construct_id,
            resource_type="Custom::PrefixList",
            on_update=call,  # which CDK takes for the creation too
            role=self._role,
            log_group=self._log_group,
            install_latest_aws_sdk=False,
        )
        return resource.get_response_field(found)
