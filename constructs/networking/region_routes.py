"""The way from one region's network to another's."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class RegionRoutes(Construct):
    """A route to another region's range in each of ``route_tables``, through one of the two kinds of link."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        route_tables: Sequence[str],
        destination: str,
        peering_connection: str | None = None,
        transit_gateway: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        for position, route_table in enumerate(route_tables):
            ec2.CfnRoute(
                self,
                f"Route{position}",
                route_table_id=route_table,
                destination_cidr_block=destination,
                vpc_peering_connection_id=peering_connection,
                transit_gateway_id=transit_gateway,
            )
