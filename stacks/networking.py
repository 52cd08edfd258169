"""Networking: the VPC of a region, and who may talk to whom in it."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct
from constructs.networking.regional_network import RegionalNetwork
from constructs.networking.service_endpoint import ServiceEndpoint

from configuration.names import Stacks
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps


class NetworkingStack(TapStack):
    """The network every workload of the region lives in."""

    def __init__(self, scope: Construct, *, props: TapStackProps, security: SecurityStack) -> None:
        super().__init__(scope, Stacks.NETWORKING, props=props, description="VPC, subnets, endpoints")

        self.network = RegionalNetwork(
            self,
            "Network",
            cidr=str(props.region.cidr),
            nat_gateways=2,
            logs_key=security.logs_key,
            log_retention_days=props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.vpc = self.network.vpc

        self.function_security_group = ec2.SecurityGroup(
            self,
            "FunctionSecurityGroup",
            vpc=self.vpc,
            description="Functions in the isolated subnets: TLS only, to endpoints alone",
            allow_all_outbound=False,
        )
        self.endpoint_security_group = ec2.SecurityGroup(
            self,
            "EndpointSecurityGroup",
            vpc=self.vpc,
            description="Interface endpoints: TLS from the functions",
            allow_all_outbound=False,
        )
        self.function_security_group.add_egress_rule(
            # The gateway endpoints' addresses are public ones; the isolated subnets have no other route to them.
            ec2.Peer.any_ipv4(),
            ec2.Port.tcp(443),
            "S3 and DynamoDB through the gateway endpoints",
        )
        self.endpoint_security_group.add_ingress_rule(self.function_security_group, ec2.Port.tcp(443), "Functions")
        ServiceEndpoint(
            self,
            "EventsEndpoint",
            vpc=self.vpc,
            service=ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE,
            security_group=self.endpoint_security_group,
        )
