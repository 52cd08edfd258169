"""What an environment file may say.

Every section refuses keys it does not know and never converts a value silently. A rule that concerns one
value stands with its field; a rule between several stands in ``configuration.rules``.
"""

import functools
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from configuration.backup import Backup
from configuration.cdn import Cdn
from configuration.compliance import Compliance
from configuration.compute import Compute
from configuration.database import Database, DatabaseInstance
from configuration.delivery import Delivery
from configuration.monitoring import Monitoring
from configuration.names import Names
from configuration.network import Network
from configuration.partition import regions
from configuration.routing import Routing
from configuration.section import Section
from configuration.security import Security
from configuration.serverless import Serverless
from configuration.storage import Storage
from configuration.subscriptions import Subscription

_PRIVATE_RANGES = tuple(
    IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)


def _known_region(name: str) -> str:
    if name not in regions():
        raise ValueError("is not an AWS region; write its code, like those of the regions' table in AWS's docs")
    return name


def _vpc_range(network: IPv4Network) -> IPv4Network:
    # At /21 the public subnets are the smallest that a load balancer takes (/27); AWS's upper bound is /16.
    # https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
    if not 16 <= network.prefixlen <= 21:
        raise ValueError("must be between /16 and /21: three tiers over three zones have to fit and to grow")
    if not any(network.subnet_of(private) for private in _PRIVATE_RANGES):
        raise ValueError("must lie in a private range (10/8, 172.16/12, 192.168/16 or 100.64/10)")
    return network


RegionName = Annotated[str, AfterValidator(_known_region)]
VpcRange = Annotated[IPv4Network, AfterValidator(_vpc_range)]
# The characters every service accepts: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TagValue = Annotated[str, Field(pattern="^[A-Za-z0-9 _.:/=+@-]+$", max_length=256)]
DomainName = Annotated[
    str,
    Field(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        # ACM's first name holds 64 characters, the application's label included:
        # https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
        max_length=60,
        description="a domain name in lower case, such as example.com",
    ),
]


class Region(Section):
    """One region to deploy to. Adding a region to the platform is adding one of these."""

    name: RegionName = Field(description="the region's code")
    cidr: VpcRange = Field(description="the VPC's range, /16 to /21, overlapping no other region's")
    availability_zones: Annotated[
        tuple[Annotated[str, Field(pattern="^[a-z]$")], ...], Field(min_length=2, max_length=3)
    ] = Field(
        default=("a", "b", "c"),
        description="the letters of the zones to use; name them where a region has no zone a, b or c",
    )

    @property
    def zone_names(self) -> tuple[str, ...]:
        """The zones' full names, fixed here so that synthesis never has to look them up."""
        return tuple(f"{self.name}{letter}" for letter in self.availability_zones)


class Domain(Section):
    """The public names of the platform."""

    name: DomainName = Field(description="the domain whose zone carries the platform's records")
    hosted_zone_id: Annotated[str, Field(pattern="^Z[A-Z0-9]{1,31}$")] | None = Field(
        default=None, description="the zone's id where it exists already; without it the platform creates one"
    )

    @property
    def application(self) -> str:
        """The public name of the application, answered by the nearest healthy region."""
        return f"app.{self.name}"

    def application_in(self, region: Region) -> str:
        """The name of the application in one region."""
        return f"{region.name}.{self.application}"

    def live_in(self, region: Region) -> str:
        """The name that leads to a region's application while its dependencies work; no client asks for it."""
        return f"live-{region.name}.{self.application}"

    @property
    def cdn(self) -> str:
        """The public name of the static assets."""
        return f"cdn.{self.name}"

    def cdn_in(self, region: Region) -> str:
        """The name of the static assets as one region's distribution serves them."""
        return f"{region.name}.{self.cdn}"

    def switches_in(self, region: Region) -> str:
        """The name under which a region keeps the switches of other regions."""
        return f"switches-{region.name}.{self.cdn}"

    def internal_in(self, region: Region) -> str:
        """The private zone in which a region's services find one another."""
        return f"internal.{region.name}.{self.name}"

    def database_writer_in(self, region: Region) -> str:
        """The name by which a region finds the database that is written to, wherever that stands."""
        return f"writer.database.{self.internal_in(region)}"

    def database_reader_in(self, region: Region) -> str:
        """The name by which a region finds its own copy of the database."""
        return f"reader.database.{self.internal_in(region)}"


class Environment(Section):
    """One environment, as its file describes it."""

    team: Annotated[str, Field(pattern="^[A-Z][A-Za-z0-9]{1,15}$")] = Field(
        description="the owning team, in capitalised letters and digits; the first part of every name"
    )
    environment: Annotated[str, Field(pattern="^[a-z][a-z0-9]{1,11}$")] = Field(
        description="the environment's name, in lower-case letters and digits; the second part of every name"
    )
    owner: TagValue = Field(description="who answers for it; the value of the tag Owner")
    purpose: TagValue = Field(description="what it is for; the value of the tag Purpose")
    account: Annotated[str, Field(pattern="^[0-9]{12}$")] = Field(
        description="the AWS account, twelve digits in quotes"
    )
    regions: Annotated[tuple[Region, ...], Field(min_length=1, max_length=8)] = Field(
        description="the regions; the first is home to what exists once"
    )
    cross_region_replication_region: RegionName | None = Field(
        description="the region that keeps the home region's copy; null only where there is a single region"
    )
    domain: Domain = Field(description="the public names")
    network: Network = Field(default=Network(), description="the network of every region")
    routing: Routing = Field(default=Routing(), description="how clients are led to a healthy region")
    cdn: Cdn = Field(default=Cdn(), description="the content delivery network")
    compute: Compute = Field(default=Compute(), description="what serves the application in every region")
    allowed_cidr: Annotated[tuple[IPv4Network, ...], Field(min_length=1, max_length=20)] = Field(
        description="the address ranges that may reach the load balancers"
    )
    db_backup_retention_days: Annotated[int, Field(ge=1, le=35)] = Field(
        description="how long RDS keeps automated backups, 1 to 35 days (0 would forbid read replicas)"
    )
    storage: Storage = Field(default=Storage(), description="the buckets of every region")
    database: Database = Field(default=Database(), description="the relational database")
    subscriptions: Annotated[tuple[Subscription, ...], Field(max_length=50)] = Field(
        default=(), description="who hears the topics; nobody by default"
    )
    serverless: Serverless = Field(default=Serverless(), description="the data pipeline of every region")
    backup: Backup = Field(default=Backup(), description="the backups of every region")
    monitoring: Monitoring = Field(default=Monitoring(), description="the alarms of every region")
    security: Security = Field(default=Security(), description="what watches over the account, and who runs it")
    compliance: Compliance = Field(default=Compliance(), description="what resources are held against")
    delivery: Delivery | None = Field(
        default=None, description="the pipelines; without this section nobody but `cdk deploy` releases"
    )
    retain_data: bool = Field(
        default=True,
        description="whether data and stacks outlive a deletion; false lets `cdk destroy` remove everything",
    )
    log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827] = Field(
        default=30, description="how long log groups keep their events, in days CloudWatch Logs accepts"
    )

    @property
    def home(self) -> Region:
        """The region of what exists once per environment."""
        return self.regions[0]

    @property
    def is_joined(self) -> bool:
        """Whether a private network joins the regions."""
        return len(self.regions) > 1 and self.network.between_regions != "none"

    @functools.cached_property
    def names(self) -> Names:
        """The physical names of this environment."""
        return Names(team=self.team, environment=self.environment, account=self.account)

    @property
    def database_writer(self) -> Region:
        """The region whose database is written to."""
        writer = self.database.writer(home=self.home.name)
        return next(region for region in self.regions if region.name == writer)

    @property
    def rotation_region(self) -> Region:
        """The region whose copy of the database's secret is no copy, and is rotated."""
        rotated = self.database.rotation_region or self.home.name
        return next(region for region in self.regions if region.name == rotated)

    def database_in(self, region: Region) -> DatabaseInstance:
        """The database instance that stands in ``region``, and what it was copied from."""
        return self.database.instance(region.name, home=self.home.name)

    def partner_of(self, region: Region) -> Region | None:
        """The region that holds ``region``'s copies, or None where there is a single region."""
        if self.cross_region_replication_region is None:
            return None
        partner = self.cross_region_replication_region if region == self.home else self.home.name
        return next(candidate for candidate in self.regions if candidate.name == partner)

    def keeps_switches(self, region: Region) -> bool:
        """Whether ``region`` holds the switches that take others out of service: those whose partner it is."""
        return any(self.partner_of(other) == region for other in self.regions)

    def others_than(self, region: Region) -> tuple[Region, ...]:
        """Every region but the given one, in the file's order."""
        return tuple(other for other in self.regions if other != region)
