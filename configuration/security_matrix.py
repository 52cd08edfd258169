"""Who may open a connection to whom, as one table.

Nothing else in the platform writes a security group rule, and the constructs are handed groups they cannot change, so
what this module says is what the network allows. It is plain data: commands hold a deployed platform against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from configuration.model import Environment, Region
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


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What decides which rows of the matrix a region has.

    ``nat``: the private tier has a way to the internet. ``joined``: a private network leads to other regions.
    ``rotation``: the database's secret is rotated here. ``credentials``: the application reads that secret.
    """

    application_port: int
    nat: bool
    joined: bool
    ssh: bool
    rotation: bool
    credentials: bool


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
    """An interface endpoint: the AWS service behind it by its name in endpoints, who uses it, and for what.

    Private DNS leads every caller of the service in the VPC here, with or without NAT, so ``clients`` are all
    who call it, or they could call it no longer. Where ``for_credentials``, the application is no client unless it
    reads the database's secret.
    """

    name: str
    service: str
    clients: tuple[Role, ...]
    purpose: str
    own_account_only: bool = True
    for_credentials: bool = False


ENDPOINTS = (
    Endpoint(
        name="Logs",
        service="logs",
        clients=(Role.APP, Role.FARGATE),
        purpose="The instances' agent and the tasks' log driver",
    ),
    Endpoint(
        name="Events",
        service="events",
        clients=(Role.FUNCTIONS,),
        purpose="The data pipeline reports its results as events",
    ),
    Endpoint(
        name="SecretsManager",
        service="secretsmanager",
        clients=(Role.ROTATION, Role.APP, Role.FARGATE),
        purpose="Rotation writes the database's password, the application reads it",
        for_credentials=True,
    ),
)
"""The endpoints of every network in which they have a client."""

ENDPOINTS_IN_PLACE_OF_NAT = (
    Endpoint(
        name="Ssm",
        service="ssm",
        clients=(Role.APP,),
        purpose="Session Manager: the agent registers the instance",
    ),
    Endpoint(
        name="SsmMessages",
        service="ssmmessages",
        clients=(Role.APP, Role.FARGATE),
        purpose="Session Manager and ECS Exec: the sessions themselves",
    ),
    Endpoint(
        name="Monitoring",
        service="monitoring",
        clients=(Role.APP,),
        purpose="The instances' agent reports memory",
    ),
    Endpoint(
        name="Ec2",
        service="ec2",
        clients=(Role.APP,),
        purpose="The instances' agent asks for the name of its Auto Scaling group",
    ),
    Endpoint(
        name="CloudFormation",
        service="cloudformation",
        clients=(Role.APP,),
        purpose="The signal that an instance serves",
        # It is signed with the instance's identity document, which belongs to no principal of the account.
        own_account_only=False,
    ),
    Endpoint(
        name="EcrApi",
        service="ecr.api",
        clients=(Role.FARGATE,),
        purpose="The tasks' image: its manifest",
    ),
    Endpoint(
        name="EcrDocker",
        service="ecr.dkr",
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


def needs_of(environment: Environment, region: Region) -> Needs:
    """What the environment file says of a region's rows."""
    application = environment.compute.application
    return Needs(
        application_port=application.port,
        nat=environment.network.nat_gateways > 0,
        joined=environment.is_joined,
        ssh=environment.network.ssh.enabled,
        rotation=region == environment.rotation_region,
        credentials="database-credentials" in application.access,
    )


def endpoints(needs: Needs) -> tuple[Endpoint, ...]:
    """The interface endpoints of a network, each with the clients it has there; one without any is left out."""
    table = ENDPOINTS if needs.nat else ENDPOINTS + ENDPOINTS_IN_PLACE_OF_NAT
    rows = (
        replace(row, clients=tuple(client for client in row.clients if _calls(client, row, needs))) for row in table
    )
    return tuple(row for row in rows if row.clients)


def _calls(client: Role, endpoint: Endpoint, needs: Needs) -> bool:
    if client is Role.ROTATION:
        return needs.rotation
    return needs.credentials or not endpoint.for_credentials


def flows(needs: Needs) -> Iterator[Flow]:
    """The matrix."""
    yield Flow(Outside.CLIENTS, Role.WEB, HTTPS, "Clients")
    yield Flow(Outside.CLIENTS, Role.WEB, HTTP, "Clients, who are redirected to HTTPS")
    yield Flow(Outside.HEALTH_CHECKERS, Role.PROBES, HTTPS, "Route 53 health checks")
    yield Flow(Role.WEB, Role.APP, needs.application_port, "Requests over TLS")
    yield Flow(Role.WEB, Role.FARGATE, needs.application_port, "Requests over TLS")
    if needs.ssh:
        yield Flow(Outside.CLIENTS, Role.APP, SSH, "SSH")

    for role in (Role.APP, Role.FARGATE, *((Role.ROTATION,) if needs.rotation else ())):
        yield Flow(role, Role.DATA, DATABASE_PORT, "The database")
    if needs.joined:
        # Groups of another region cannot be named, so their tiers' addresses are.
        yield Flow(Outside.OTHER_PRIVATE_TIERS, Role.DATA, DATABASE_PORT, "Writers in other regions")
        for role in (Role.APP, Role.FARGATE):
            yield Flow(role, Outside.OTHER_ISOLATED_TIERS, DATABASE_PORT, "The writer in another region")

    for role in (Role.APP, Role.FARGATE, Role.FUNCTIONS):
        yield Flow(role, Outside.OBJECTS, HTTPS, "S3")
        yield Flow(role, Outside.TABLES, HTTPS, "DynamoDB")
    if needs.nat:
        for role in (Role.APP, Role.FARGATE):
            yield Flow(role, Outside.INTERNET, HTTPS, "AWS and image registries, through NAT")
    for endpoint in endpoints(needs):
        for client in endpoint.clients:
            yield Flow(client, endpoint, HTTPS, f"The endpoint {endpoint.name}")
