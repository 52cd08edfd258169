"""The zone of the public names, created or given."""

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration import Domain, Names
from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION

ZONE_ID = "ZoneId"
NAME_SERVERS = "NameServers"


class PublicZone(Construct):
    """The environment's zone, where the platform creates it.

    Nothing below the domain resolves, and no certificate is issued, before the parent zone delegates to the
    name servers that the output ``NameServers`` tells.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, domain: Domain, removal_policy: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.zone = route53.PublicHostedZone(self, "Zone", zone_name=domain.name)
        self.zone.apply_removal_policy(removal_policy)
        servers = cdk.Fn.join(" ", self.zone.hosted_zone_name_servers or [])
        for key, value, description in (
            (ZONE_ID, self.zone.hosted_zone_id, None),
            (NAME_SERVERS, servers, f"Delegate {domain.name} to these servers before the regions are deployed"),
        ):
            cdk.CfnOutput(self, key, value=value, description=description).override_logical_id(key)


def public_zone(scope: Construct, construct_id: str, *, domain: Domain, names: Names) -> route53.IHostedZone:
    """The environment's zone for records and certificates of any stack: by the id given, or by the zone stack's output.

    A stack that uses it must be deployed after the zone stack, which ``Platform`` orders.
    """
    zone_id = domain.hosted_zone_id or cdk.Fn.get_stack_output(
        names.stack(Stacks.ZONE, GLOBAL_SERVICES_REGION), ZONE_ID, GLOBAL_SERVICES_REGION
    )
    return route53.HostedZone.from_hosted_zone_attributes(
        scope, construct_id, hosted_zone_id=zone_id, zone_name=domain.name
    )
