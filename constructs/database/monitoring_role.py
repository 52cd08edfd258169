"""What RDS may do to report an instance's operating system."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge


class MonitoringRole(iam.Role):
    """Lets Enhanced Monitoring of one instance write to the log group that RDS has for it.

    Own statements in place of AmazonRDSEnhancedMonitoringRole, which covers every account's and region's groups.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
    """

    def __init__(self, scope: Construct, construct_id: str, *, instance_identifier: str) -> None:
        stack = cdk.Stack.of(scope)
        instance = stack.format_arn(
            service="rds",
            resource="db",
            resource_name=instance_identifier,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        super().__init__(
            scope,
            construct_id,
            assumed_by=iam.ServicePrincipal(
                "monitoring.rds.amazonaws.com",
                conditions={
                    "StringEquals": {"aws:SourceAccount": stack.account},
                    "ArnEquals": {"aws:SourceArn": instance},
                },
            ),
            description="What Enhanced Monitoring of the database may do",
        )
        group = stack.format_arn(
            service="logs",
            resource="log-group",
            resource_name="RDSOSMetrics",
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        self.add_to_policy(
            iam.PolicyStatement(actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources=[group])
        )
        streams = f"{group}:log-stream:*"
        self.add_to_policy(
            iam.PolicyStatement(
                actions=[
                    "logs:CreateLogStream",
                    "logs:DescribeLogStreams",
                    "logs:GetLogEvents",
                    "logs:PutLogEvents",
                ],
                resources=[streams],
            )
        )
        acknowledge(
            self,
            f"AwsSolutions-IAM5[Resource::{streams}]",
            reason="RDS names the stream after the instance's resource id, which it gives when it creates the instance",
        )
