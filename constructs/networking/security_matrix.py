"""Who may open a connection to whom, as one table.

Nothing else in the platform writes a security group rule, and the constructs are handed groups they cannot
change, so what this module says is what the network allows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_ec2 as ec2

from configuration.network import DATABASE_PORT

HTTPS = 443
HTTP = 80
SSH = 22


class Role(StrEnum):
    """What stands in a region's network; each role has a security group of its own."""

    WEB = "Web"
    PROBES = "Probes"
    APP = "App"
    FARGATE = "Fargate"
    FUNCTIONS = "Functions"
    ROTATION = "Rotation"
    DATA = "Data"


DESCRIPTIONS = {
    Role.WEB: "The load balancer, for its clients",
    Role.PROBES: "The load balancer, for Route 53's health checkers, whose list counts as 25 of 60 rules",
    Role.APP: "The application's instances",
    Role.FARGATE: "The application's tasks",
    Role.FUNCTIONS: "Functions of the data pipeline",
    Role.ROTATION: "The function that rotates the database's password",
    Role.DATA: "The database, which opens no connection itself",
}


class Outside(StrEnum):
    """What stands outside the region's network, known by addresses alone."""

    CLIENTS = "allowed_cidr"
    HEALTH_CHECKERS = "Route 53's health checkers"
    INTERNET = "the internet, through NAT"
    OBJECTS = "S3, through its gateway endpoint"
    TABLES = "DynamoDB, through its gateway endpoint"
    OTHER_PRIVATE_TIERS = "the other regions' private tiers"
    OTHER_ISOLATED_TIERS = "the other regions' isolated tiers"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An interface endpoint: the AWS service behind it, who uses it, and for what.

    Private DNS leads every caller of the service in the VPC here, with or without NAT, so ``clients`` are all
    who call it, or they could call it no longer.
    """

    name: str
    service: ec2.InterfaceVpcEndpointAwsService
    clients: tuple[Role, ...]
    purpose: str
    own_account_only: bool = True


ENDPOINTS = (
    Endpoint(
        name="Logs",
        service=ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
        clients=(Role.APP, Role.FARGATE),
        purpose="The instances' agent and the tasks' log driver",
    ),
    Endpoint(
        name="Events",
        service=ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE,
        clients=(Role.FUNCTIONS,),
        purpose="The data pipeline reports its results as events",
    ),
    Endpoint(
        name="SecretsManager",
        service=ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
        clients=(Role.ROTATION, Role.APP, Role.FARGATE),
        purpose="Rotation writes the database's password, the application reads it",
    ),
)
"""The endpoints of every network."""

ENDPOINTS_IN_PLACE_OF_NAT = (
    Endpoint(
        name="Ssm",
        service=ec2.InterfaceVpcEndpointAwsService.SSM,
        clients=(Role.APP,),
        purpose="Session Manager: the agent registers the instance",
    ),
    Endpoint(
        name="SsmMessages",
        service=ec2.InterfaceVpcEndpointAwsService.SSM_MESSAGES,
        clients=(Role.APP, Role.FARGATE),
        purpose="Session Manager and ECS Exec: the sessions themselves",
    ),
    Endpoint(
        name="Monitoring",
        service=ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
        clients=(Role.APP,),
        purpose="The instances' agent reports memory",
    ),
    Endpoint(
        name="Ec2",
        service=ec2.InterfaceVpcEndpointAwsService.EC2,
        clients=(Role.APP,),
        purpose="The instances' agent asks for the name of its Auto Scaling group",
    ),
    Endpoint(
        name="CloudFormation",
        service=ec2.InterfaceVpcEndpointAwsService.CLOUDFORMATION,
        clients=(Role.APP,),
        purpose="The signal that an instance serves",
        # It is signed with the instance's identity document, which belongs to no principal of the account.
        own_account_only=False,
    ),
    Endpoint(
        name="EcrApi",
        service=ec2.InterfaceVpcEndpointAwsService.ECR,
        clients=(Role.FARGATE,),
        purpose="The tasks' image: its manifest",
    ),
    Endpoint(
        name="EcrDocker",
        service=ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
        clients=(Role.FARGATE,),
        purpose="The tasks' image: its layers come from S3",
    ),
)
"""What the private tier calls besides, where no NAT gateway leads it to AWS's public addresses."""

Party = Role | Outside | Endpoint


@dataclass(frozen=True)
class Flow:
    """``source`` may open a TCP connection to ``port`` of ``destination``."""

    source: Party
    destination: Party
    port: int
    reason: str


def endpoints(*, nat: bool) -> tuple[Endpoint, ...]:
    """The interface endpoints of a network with or without NAT gateways."""
    return ENDPOINTS if nat else ENDPOINTS + ENDPOINTS_IN_PLACE_OF_NAT


def flows(*, application_port: int, ssh: bool, nat: bool, joined: bool) -> Iterator[Flow]:
    """The matrix. ``joined`` says whether a private network leads to other regions."""
    yield Flow(Outside.CLIENTS, Role.WEB, HTTPS, "Clients")
    yield Flow(Outside.CLIENTS, Role.WEB, HTTP, "Clients, who are redirected to HTTPS")
    yield Flow(Outside.HEALTH_CHECKERS, Role.PROBES, HTTPS, "Route 53 health checks")
    yield Flow(Role.WEB, Role.APP, application_port, "Requests over TLS")
    yield Flow(Role.WEB, Role.FARGATE, application_port, "Requests over TLS")
    if ssh:
        yield Flow(Outside.CLIENTS, Role.APP, SSH, "SSH")

    for role in (Role.APP, Role.FARGATE, Role.ROTATION):
        yield Flow(role, Role.DATA, DATABASE_PORT, "The database")
    if joined:
        # Groups of another region cannot be named, so their tiers' addresses are.
        yield Flow(Outside.OTHER_PRIVATE_TIERS, Role.DATA, DATABASE_PORT, "Writers in other regions")
        for role in (Role.APP, Role.FARGATE):
            yield Flow(role, Outside.OTHER_ISOLATED_TIERS, DATABASE_PORT, "The writer in another region")

    for role in (Role.APP, Role.FARGATE, Role.FUNCTIONS):
        yield Flow(role, Outside.OBJECTS, HTTPS, "S3")
        yield Flow(role, Outside.TABLES, HTTPS, "DynamoDB")
    if nat:
        for role in (Role.APP, Role.FARGATE):
            yield Flow(role, Outside.INTERNET, HTTPS, "AWS and image registries, through NAT")
    for endpoint in endpoints(nat=nat):
        for client in endpoint.clients:
            yield Flow(client, endpoint, HTTPS, f"The endpoint {endpoint.name}")
