"""One end of a peering connection between two regions' networks."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from constructs.networking.region_routes import RegionRoutes


class PeeringRequest(Construct):
    """The end that asks for the connection; within one account CloudFormation accepts it for the other end.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcpeeringconnection.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: str,
        route_tables: Sequence[str],
        peer_region: str,
        peer_vpc: str,
        peer_cidr: str,
        name: str,
    ) -> None:
        super().__init__(scope, construct_id)
        connection = ec2.CfnVPCPeeringConnection(
            self, "Connection", vpc_id=vpc, peer_vpc_id=peer_vpc, peer_region=peer_region
        )
        cdk.Tags.of(connection).add("Name", name)
        self.connection_id = connection.attr_id
        RegionRoutes(
            self,
            "Routes",
            route_tables=route_tables,
            destination=peer_cidr,
            peering_connection=self.connection_id,
        )


class PeeringAnswer(Construct):
    """The other end: only routes, since the connection is accepted already.

    The connection's id comes from another region and is put into a parameter, so that it is looked up once and
    not once for each route.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, route_tables: Sequence[str], peer_cidr: str, connection_id: str
    ) -> None:
        super().__init__(scope, construct_id)
        known = ssm.CfnParameter(
            self,
            "Connection",
            type="String",
            value=connection_id,
            description=f"The peering connection that leads to {peer_cidr}",
        )
        RegionRoutes(
            self,
            "Routes",
            route_tables=route_tables,
            destination=peer_cidr,
            peering_connection=known.attr_value,
        )
