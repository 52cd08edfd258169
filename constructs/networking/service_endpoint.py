"""A private door from the network to one AWS service."""

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from configuration.security_matrix import Endpoint


class ServiceEndpoint(ec2.InterfaceVpcEndpoint):
    """An interface endpoint with private DNS in the isolated subnets, open to the clients that the matrix names.

    It serves this account's principals alone, so that stolen credentials of another account are of no use here.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        endpoint: Endpoint,
        security_group: ec2.ISecurityGroup,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            vpc=vpc,
            service=ec2.InterfaceVpcEndpointAwsService(endpoint.service),
            private_dns_enabled=True,
            open=False,
            security_groups=[security_group],
            subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        )
        if endpoint.own_account_only:
            self.add_to_policy(
                iam.PolicyStatement(
                    sid="OwnPrincipals",
                    principals=[iam.AnyPrincipal()],
                    actions=["*"],
                    resources=["*"],
                    conditions={"StringEquals": {"aws:PrincipalAccount": cdk.Stack.of(self).account}},
                )
            )
