"""The zone of the public names, created or given."""

import aws_cdk as cdk
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from constructs.shared.published_value import publish, published_in

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
        stack = cdk.Stack.of(self)
        publish(stack, ZONE_ID, self.zone.hosted_zone_id)
        publish(
            stack,
            NAME_SERVERS,
            cdk.Fn.join(" ", self.zone.hosted_zone_name_servers or []),
            description=f"Delegate {domain.name} to these servers before the regions are deployed",
        )


def public_zone(scope: Construct, construct_id: str, *, domain: Domain, names: Names) -> route53.IHostedZone:
    """The environment's zone for records and certificates of any stack: by the id given, or by the zone stack's output.

    A stack that uses it must be deployed after the zone stack, which ``Platform`` orders.
    """
    return route53.HostedZone.from_hosted_zone_attributes(
        scope,
        construct_id,
        hosted_zone_id=domain.hosted_zone_id or _looked_up(scope, f"{construct_id}Id", names),
        zone_name=domain.name,
    )


def _looked_up(scope: Construct, construct_id: str, names: Names) -> str:
    # Every record and every name of a certificate needs the id, and every mention would be a look-up of its own:
    # a parameter keeps it for the stack.
    stack_name = names.stack(Stacks.ZONE, GLOBAL_SERVICES_REGION)
    parameter = ssm.CfnParameter(
        scope,
        construct_id,
        type="String",
        description="The zone of the public names",
        value=published_in(GLOBAL_SERVICES_REGION, stack_name, ZONE_ID),
    )
    return parameter.attr_value
