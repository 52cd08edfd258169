"""A private door from the isolated subnets to one AWS service."""

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


class ServiceEndpoint(ec2.InterfaceVpcEndpoint):
    """An interface endpoint with private DNS, in the isolated subnets, open to ``clients`` alone."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        service: ec2.InterfaceVpcEndpointAwsService,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            vpc=vpc,
            service=service,
            private_dns_enabled=True,
            open=False,
            security_groups=[security_group],
            subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
