"""Networking: the VPC of a region, and who may talk to whom in it."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from constructs import Construct
from constructs.networking.flow_log import NetworkFlowLog
from constructs.networking.prefix_lists import ServicePrefixLists
from constructs.networking.regional_network import RegionalNetwork
from constructs.networking.security_groups import Addresses, SecurityGroups
from constructs.networking.security_matrix import Outside, endpoints, flows
from constructs.networking.service_endpoint import ServiceEndpoint

from configuration.names import Stacks
from configuration.network import Tier, subnet_ranges
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps

ANYWHERE = "0.0.0.0/0"
VPC_ID = "VpcId"


def route_table_output(tier: Tier, zone: int) -> str:
    """The key of the output that names a tier's route table in one of the region's zones, counted from 0."""
    return f"{tier}RouteTable{zone}"


class NetworkingStack(TapStack):
    """The network every workload of the region lives in."""

    def __init__(self, scope: Construct, *, props: TapStackProps, security: SecurityStack) -> None:
        super().__init__(scope, Stacks.NETWORKING, props=props, description="VPC, subnets, endpoints")
        network = props.environment.network
        nat = network.nat_gateways > 0

        self.network = RegionalNetwork(self, "Network", region=props.region, nat_gateways=network.nat_gateways)
        self.vpc = self.network.vpc
        self.flow_log = NetworkFlowLog(
            self,
            "FlowLog",
            vpc=self.vpc,
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.prefix_lists = ServicePrefixLists(
            self,
            "PrefixLists",
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.security_groups = SecurityGroups(
            self,
            "SecurityGroups",
            vpc=self.vpc,
            flows=flows(
                application_port=props.environment.compute.application.port,
                ssh=network.ssh.enabled,
                nat=nat,
                joined=self._is_joined(),
            ),
            endpoints=endpoints(nat=nat),
            addresses=self._addresses(),
            name_prefix=props.names.prefix,
        )
        for endpoint in endpoints(nat=nat):
            ServiceEndpoint(
                self,
                f"{endpoint.name}Endpoint",
                vpc=self.vpc,
                endpoint=endpoint,
                security_group=self.security_groups.endpoints[endpoint.name],
            )
        self._name_for_other_stacks()

    def _is_joined(self) -> bool:
        environment = self.props.environment
        return environment.network.between_regions != "none" and len(environment.regions) > 1

    def _addresses(self) -> Mapping[Outside, Sequence[Addresses]]:
        return {
            Outside.CLIENTS: [Addresses(cidr=str(range_)) for range_ in self.props.environment.allowed_cidr],
            Outside.HEALTH_CHECKERS: [Addresses(prefix_list_id=self.prefix_lists.health_checkers)],
            Outside.INTERNET: [Addresses(cidr=ANYWHERE)],
            Outside.OBJECTS: [Addresses(prefix_list_id=self.prefix_lists.s3)],
            Outside.TABLES: [Addresses(prefix_list_id=self.prefix_lists.dynamodb)],
            Outside.OTHER_PRIVATE_TIERS: self._tier_elsewhere(Tier.PRIVATE),
            Outside.OTHER_ISOLATED_TIERS: self._tier_elsewhere(Tier.ISOLATED),
        }

    def _tier_elsewhere(self, tier: Tier) -> list[Addresses]:
        return [
            Addresses(cidr=str(range_))
            for region in self.props.environment.others_than(self.props.region)
            for range_ in subnet_ranges(region.cidr, tier, zones=len(region.zone_names))
        ]

    def _name_for_other_stacks(self) -> None:
        """Give the VPC and its route tables output keys that are known at synthesis, for who joins the regions."""
        outputs = {VPC_ID: self.vpc.vpc_id}
        for tier in (Tier.PRIVATE, Tier.ISOLATED):
            for zone, route_table in enumerate(self.network.route_tables(tier)):
                outputs[route_table_output(tier, zone)] = route_table
        for key, value in outputs.items():
            cdk.CfnOutput(self, key, value=value, export_name=f"{self.stack_name}-{key}").override_logical_id(key)
