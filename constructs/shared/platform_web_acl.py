"""Firewalls of the platform: the same rules before load balancers and before distributions."""

from typing import Literal

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct
from constructs.shared.platform_log_group import PlatformLogGroup

# In the order of evaluation: cheap and certain first.
_MANAGED_RULES = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)


class PlatformWebAcl(Construct):
    """AWS's managed rules and a limit on the requests of one address, logged without cookies and credentials.

    ``protects`` is what WAF calls the scope; that of distributions exists in one region only, which the stack has to
    stand in. ``log_group_name`` begins with ``aws-waf-logs-``.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        protects: Literal["REGIONAL", "CLOUDFRONT"],
        requests_per_five_minutes: int,
        log_group_name: str,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.web_acl = wafv2.CfnWebACL(
            self,
            "WebAcl",
            scope=protects,
            default_action=wafv2.CfnWebACL.DefaultActionProperty(allow=wafv2.CfnWebACL.AllowActionProperty()),
            visibility_config=_visibility("WebAcl"),
            rules=[_rate_rule(0, requests_per_five_minutes)]
            + [_managed_rule(priority, name) for priority, name in enumerate(_MANAGED_RULES, start=1)],
        )
        self.log_group = PlatformLogGroup(
            self,
            "LogGroup",
            log_group_name=log_group_name,
            key=logs_key,
            retention_days=log_retention_days,
            removal_policy=removal_policy,
        )
        wafv2.CfnLoggingConfiguration(
            self,
            "Logging",
            resource_arn=self.web_acl.attr_arn,
            # Without the ":*" with which log groups' ARNs usually end: WAF refuses it.
            log_destination_configs=[_log_group_arn(self.log_group)],
            redacted_fields=[
                wafv2.CfnLoggingConfiguration.FieldToMatchProperty(single_header={"Name": header})
                for header in ("authorization", "cookie")
            ],
        )


def _log_group_arn(group: logs.ILogGroup) -> str:
    return cdk.Stack.of(group).format_arn(
        service="logs",
        resource="log-group",
        resource_name=group.log_group_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )


def _visibility(name: str) -> wafv2.CfnWebACL.VisibilityConfigProperty:
    return wafv2.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=True
    )


def _rate_rule(priority: int, limit: int) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name="RequestsOfOneAddress",
        priority=priority,
        action=wafv2.CfnWebACL.RuleActionProperty(block=wafv2.CfnWebACL.BlockActionProperty()),
        statement=wafv2.CfnWebACL.StatementProperty(
            rate_based_statement=wafv2.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=limit, evaluation_window_sec=300
            )
        ),
        visibility_config=_visibility("RequestsOfOneAddress"),
    )


def _managed_rule(priority: int, name: str) -> wafv2.CfnWebACL.RuleProperty:
    return wafv2.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        override_action=wafv2.CfnWebACL.OverrideActionProperty(none={}),
        statement=wafv2.CfnWebACL.StatementProperty(
            managed_rule_group_statement=wafv2.CfnWebACL.ManagedRuleGroupStatementProperty(vendor_name="AWS", name=name)
        ),
        visibility_config=_visibility(name),
    )
