"""The firewall before what a region offers to the internet."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_wafv2 as wafv2
from constructs import Construct, IDependable
from constructs.shared.platform_web_acl import PlatformWebAcl


class RegionalWebAcl(PlatformWebAcl):
    """The platform's rules before ``protected_arn``, a load balancer or a stage of an API.

    ``after`` has to exist before the firewall is put in front: right after its creation a load balancer may be
    unknown to WAF still.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        protected_arn: str,
        after: IDependable,
        requests_per_five_minutes: int,
        log_group_name: str,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            protects="REGIONAL",
            requests_per_five_minutes=requests_per_five_minutes,
            log_group_name=log_group_name,
            logs_key=logs_key,
            log_retention_days=log_retention_days,
            removal_policy=removal_policy,
        )
        association = wafv2.CfnWebACLAssociation(
            self, "Association", resource_arn=protected_arn, web_acl_arn=self.web_acl.attr_arn
        )
        association.node.add_dependency(after)
