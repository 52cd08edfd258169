"""What in the account's record somebody has to hear of: the controls of the CIS AWS Foundations Benchmark.

https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html
"""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.shared.platform_alarm import PlatformAlarm, Severity


@dataclass(frozen=True)
class AccountEvent:
    """A kind of event: its name, what it means, the filter that finds it, and how many matter."""

    name: str
    meaning: str
    pattern: str
    severity: Severity = Severity.WARNING
    at_least: int = 1


def _events(*names: str) -> str:
    return "{" + " || ".join(f"($.eventName = {name})" for name in names) + "}"


def _of(source: str, *names: str) -> str:
    either = " || ".join(f"($.eventName = {name})" for name in names)
    return f"{{($.eventSource = {source}) && ({either})}}"


ACCOUNT_EVENTS = (
    AccountEvent(
        "RootUse",
        "The root user was used: it can do everything and nobody should need it.",
        '{$.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent"}',
        Severity.CRITICAL,
    ),
    AccountEvent(
        "SignInWithoutMfa",
        "A user signed in to the console without a second factor.",
        '{($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && '
        '($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success")}',
        Severity.CRITICAL,
    ),
    AccountEvent(
        "TrailChanges",
        "The trail that records the account was changed, stopped or deleted.",
        _events("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"),
        Severity.CRITICAL,
    ),
    AccountEvent(
        "ConfigChanges",
        "AWS Config, which records the account's resources, was changed or stopped.",
        _of(
            "config.amazonaws.com",
            "StopConfigurationRecorder",
            "DeleteDeliveryChannel",
            "PutDeliveryChannel",
            "PutConfigurationRecorder",
        ),
        Severity.CRITICAL,
    ),
    AccountEvent(
        "KeyDeletion",
        "A key was disabled or is going to be deleted: what it encrypts will be unreadable.",
        _of("kms.amazonaws.com", "DisableKey", "ScheduleKeyDeletion"),
        Severity.CRITICAL,
    ),
    AccountEvent(
        "RefusedCalls",
        "Many calls were refused for lack of permission: a fault of a release, or somebody trying doors.",
        '{($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")}',
        at_least=10,
    ),
    AccountEvent(
        "RefusedSignIns",
        "Sign-ins to the console failed: somebody may be guessing a password.",
        '{($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication")}',
        at_least=3,
    ),
    AccountEvent(
        "IamChanges",
        "Permissions in IAM were changed. A deployment does that too.",
        _of(
            "iam.amazonaws.com",
            *(
                f"{verb}{kind}Policy"
                for verb in ("Put", "Delete", "Attach", "Detach")
                for kind in ("User", "Role", "Group")
            ),
            *("CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion"),
        ),
    ),
    AccountEvent(
        "BucketPolicyChanges",
        "Who may use a bucket was changed. A deployment does that too.",
        _of(
            "s3.amazonaws.com",
            *(
                f"{verb}Bucket{what}"
                for verb in ("Put", "Delete")
                for what in ("Policy", "Cors", "Lifecycle", "Replication")
            ),
            "PutBucketAcl",
        ),
    ),
    AccountEvent(
        "SecurityGroupChanges",
        "Security groups were changed. A deployment does that too.",
        _events(
            *(f"{verb}SecurityGroup{way}" for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")),
            *("CreateSecurityGroup", "DeleteSecurityGroup"),
        ),
    ),
    AccountEvent(
        "NetworkAclChanges",
        "Network access lists were changed; the platform has none of its own.",
        _events(
            *(f"{verb}NetworkAcl{what}" for verb in ("Create", "Delete") for what in ("", "Entry")),
            *("ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"),
        ),
    ),
    AccountEvent(
        "GatewayChanges",
        "Gateways between a network and the internet were changed. A deployment does that too.",
        _events(
            *("CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway"),
            *("DeleteInternetGateway", "DetachInternetGateway"),
        ),
    ),
    AccountEvent(
        "RouteTableChanges",
        "Routes were changed. A deployment does that too.",
        _of(
            "ec2.amazonaws.com",
            *("CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation"),
            *("DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"),
        ),
    ),
    AccountEvent(
        "NetworkChanges",
        "Networks or the links between them were changed. A deployment does that too.",
        _events(
            *("CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection"),
            *("CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection"),
            *("AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"),
        ),
    ),
    AccountEvent(
        "OrganizationChanges",
        "The organisation that the account belongs to was changed.",
        "{$.eventSource = organizations.amazonaws.com && $.readOnly IS FALSE}",
    ),
)


class AccountAlarms(Construct):
    """A metric filter over ``log_group``, the trail's, and an alarm for each of ``ACCOUNT_EVENTS``."""

    def __init__(
        self, scope: Construct, construct_id: str, *, log_group: logs.ILogGroup, namespace: str, topic: sns.ITopic
    ) -> None:
        super().__init__(scope, construct_id)
        for event in ACCOUNT_EVENTS:
            logs.MetricFilter(
                self,
                f"{event.name}Filter",
                log_group=log_group,
                filter_pattern=logs.FilterPattern.literal(event.pattern),
                metric_namespace=namespace,
                metric_name=event.name,
                metric_value="1",
            )
            PlatformAlarm(
                self,
                event.name,
                meaning=event.meaning,
                metric=cloudwatch.Metric(
                    namespace=namespace, metric_name=event.name, statistic="Sum", period=cdk.Duration.minutes(5)
                ),
                threshold=event.at_least,
                evaluation_periods=1,
                # A filter publishes only what it finds.
                missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                severity=event.severity,
                runbook="account-event",
                topic=topic,
            )
