"""The services that watch the account; each exists once in a region."""

import aws_cdk as cdk
from aws_cdk import aws_accessanalyzer as accessanalyzer
from aws_cdk import aws_guardduty as guardduty
from aws_cdk import aws_iam as iam
from aws_cdk import aws_macie as macie
from aws_cdk import aws_securityhub as securityhub
from aws_cdk import custom_resources as resources
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_log_group import PlatformLogGroup

from configuration.partition import PARTITION

_INSPECTED = ["EC2", "ECR", "LAMBDA"]


class GuardDutyDetector(guardduty.CfnDetector):
    """GuardDuty with protection of buckets, functions and databases, which tells of findings every 15 minutes."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            features=[
                guardduty.CfnDetector.CFNFeatureConfigurationProperty(name=name, status="ENABLED")
                for name in ("S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS", "RDS_LOGIN_EVENTS", "EBS_MALWARE_PROTECTION")
            ],
        )


class SecurityHub(Construct):
    """Security Hub with the standards of CIS and AWS; in the home region it gathers the other regions' findings."""

    def __init__(self, scope: Construct, construct_id: str, *, gathers_from: tuple[str, ...] | None) -> None:
        super().__init__(scope, construct_id)
        region = cdk.Stack.of(self).region
        hub = securityhub.CfnHub(
            self, "Hub", enable_default_standards=False, control_finding_generator="SECURITY_CONTROL"
        )
        for name, standard in (
            ("Cis", "cis-aws-foundations-benchmark/v/3.0.0"),
            ("Aws", "aws-foundational-security-best-practices/v/1.0.0"),
        ):
            securityhub.CfnStandard(
                self, name, standards_arn=f"arn:{PARTITION}:securityhub:{region}::standards/{standard}"
            ).add_resource_dependency(hub)
        if gathers_from:
            securityhub.CfnFindingAggregator(
                self, "Aggregator", region_linking_mode="SPECIFIED_REGIONS", regions=list(gathers_from)
            ).add_resource_dependency(hub)


class MacieSession(macie.CfnSession):
    """Macie, which tells of findings every 15 minutes."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id, status="ENABLED", finding_publishing_frequency="FIFTEEN_MINUTES")


class AccessAnalyzer(accessanalyzer.CfnAnalyzer):
    """Finds what somebody outside of the account may use."""

    def __init__(self, scope: Construct, construct_id: str, *, analyzer_name: str) -> None:
        super().__init__(scope, construct_id, type="ACCOUNT", analyzer_name=analyzer_name)


class Inspector(Construct):
    """Inspector, switched on by a call: CloudFormation has no type for that.

    It is switched off when the stack goes, for it was this stack that had switched it on.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        log_group: PlatformLogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        role_path = f"arn:{PARTITION}:iam::{cdk.Stack.of(self).account}:role/aws-service-role"
        linked_role = f"{role_path}/inspector2.amazonaws.com/AWSServiceRoleForAmazonInspector2"
        # Inline, so that whoever waits for the role waits for what it may do.
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Switches Inspector on and off",
            inline_policies={
                "Inspector": iam.PolicyDocument(
                    statements=[
                        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoninspector2.html
                        iam.PolicyStatement(actions=["inspector2:Enable", "inspector2:Disable"], resources=["*"]),
                        iam.PolicyStatement(
                            actions=["iam:CreateServiceLinkedRole"],
                            resources=[linked_role],
                            conditions={"StringEquals": {"iam:AWSServiceName": "inspector2.amazonaws.com"}},
                        ),
                        iam.PolicyStatement(
                            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                            resources=[log_group.log_group_arn],
                        ),
                    ]
                )
            },
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="Inspector is switched on for an account and a region and knows no resource for that",
        )
        resources.AwsCustomResource(
            self,
            "Enabled",
            resource_type="Custom::Inspector",
            install_latest_aws_sdk=False,
            log_group=log_group,
            on_update=_call("enable"),
            on_delete=_call("disable"),
            role=role,
        )


def _call(action: str) -> resources.AwsSdkCall:
    return resources.AwsSdkCall(
        service="Inspector2",
        action=action,
        parameters={"resourceTypes": _INSPECTED},
        physical_resource_id=resources.PhysicalResourceId.of("Inspector"),
    )
