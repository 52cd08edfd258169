"""The names by which a region's services find one another."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_route53 as route53
from constructs import Construct

_TTL = cdk.Duration.seconds(30)
"""How long a service may go on asking for what has moved: RDS itself changes addresses as fast at a failover."""


class InternalNames(Construct):
    """A private zone, resolved in ``vpc`` alone, with a CNAME for each of ``names`` below it."""

    def __init__(
        self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc, zone_name: str, names: Mapping[str, str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.zone = route53.PrivateHostedZone(self, "Zone", zone_name=zone_name, vpc=vpc)
        for name, host in names.items():
            label = "".join(part.capitalize() for part in name.removesuffix(f".{zone_name}").split("."))
            route53.CnameRecord(self, label, zone=self.zone, record_name=f"{name}.", domain_name=host, ttl=_TTL)
