"""The network of a region: three tiers over the region's zones."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from constructs.networking.gateway_policies import own_and_service_buckets_only, own_tables_only

from configuration import Region
from configuration.network import MOST_ZONES, TIER_BITS, Tier

_TYPES = {
    Tier.PUBLIC: ec2.SubnetType.PUBLIC,
    Tier.PRIVATE: ec2.SubnetType.PRIVATE_WITH_EGRESS,
    Tier.ISOLATED: ec2.SubnetType.PRIVATE_ISOLATED,
}


class RegionalNetwork(Construct):
    """A VPC with public, private (egress through NAT, if any) and isolated (no route out) subnets in each zone.

    The default security group is closed, and S3 and DynamoDB are reached through gateway endpoints, which cost
    nothing, need no route to the internet and lead to this account's data alone. ``nat_gateways`` is spread
    over the first zones; with 0 the private tier has no route out either.
    """

    def __init__(self, scope: Construct, construct_id: str, *, region: Region, nat_gateways: int) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "Vpc",
            ip_addresses=ec2.IpAddresses.cidr(str(region.cidr)),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            max_azs=len(region.zone_names),
            # Room for the zones not used yet: adding one must not move the subnets of the others.
            reserved_azs=MOST_ZONES - len(region.zone_names),
            nat_gateways=nat_gateways,
            restrict_default_security_group=True,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name=tier,
                    subnet_type=_TYPES[tier],
                    cidr_mask=region.cidr.prefixlen + bits,
                    # Addresses for the load balancer and the NAT gateways are theirs by request.
                    map_public_ip_on_launch=False if tier is Tier.PUBLIC else None,
                )
                for tier, bits in TIER_BITS.items()
            ],
        )
        # No subnet selection: CDK then adds the route to every route table of the VPC (requirement C6).
        objects = self.vpc.add_gateway_endpoint("S3", service=ec2.GatewayVpcEndpointAwsService.S3)
        for statement in own_and_service_buckets_only(cdk.Stack.of(self)):
            objects.add_to_policy(statement)
        tables = self.vpc.add_gateway_endpoint("DynamoDb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        tables.add_to_policy(own_tables_only(cdk.Stack.of(self)))

    def route_tables(self, tier: Tier) -> list[str]:
        """The ids of the tier's route tables, one for each zone."""
        subnets = self.vpc.select_subnets(subnet_type=_TYPES[tier]).subnets
        return [subnet.route_table.route_table_id for subnet in subnets]
