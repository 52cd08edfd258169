"""A name that leads to an AWS resource, over both versions of the internet protocol."""

from typing import cast

from aws_cdk import aws_route53 as route53
from constructs import Construct


class AddressRecords(Construct):
    """Alias records of types A and AAAA; Route 53 answers with the addresses that ``target`` has at the moment.

    With ``evaluate_target_health`` records that lead here count as healthy only while the target is; CloudFront
    does not tell: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-alias.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        zone: route53.IHostedZone,
        name: str,
        target: route53.IAliasRecordTarget,
        evaluate_target_health: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        alias = route53.RecordTarget.from_alias(target)
        for record in (
            route53.ARecord(self, "Ipv4", zone=zone, record_name=f"{name}.", target=alias),
            route53.AaaaRecord(self, "Ipv6", zone=zone, record_name=f"{name}.", target=alias),
        ):
            # The targets take this as an interface that Python's keywords cannot fill.
            resource = cast("route53.CfnRecordSet", record.node.default_child)
            resource.add_property_override("AliasTarget.EvaluateTargetHealth", evaluate_target_health)
