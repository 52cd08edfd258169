"""How a region's network is cut into tiers, and what an environment may say about it."""

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from configuration.section import Section

MOST_ZONES = 3
"""Every tier keeps room for this many zones, so that adding one moves no subnet."""


DATABASE_PORT = 3306
"""MySQL."""


class Tier(StrEnum):
    """The three kinds of subnets: what reaches the internet and what the internet reaches."""

    PRIVATE = "Private"
    ISOLATED = "Isolated"
    PUBLIC = "Public"


JOINED_TIERS = (Tier.PRIVATE, Tier.ISOLATED)
"""The tiers that the private network between the regions leads to; the public one has no business there."""

TIER_BITS = {Tier.PRIVATE: 3, Tier.ISOLATED: 4, Tier.PUBLIC: 6}
"""How many bits longer a subnet's prefix is than the VPC's, in the order in which the tiers are laid out.

Tasks and instances take most of the addresses; a load balancer wants no more than a /27, which is what a /21
leaves it: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
The three tiers fill less than ten sixteenths of the range; the rest is there to grow into.
"""


def subnet_ranges(network: IPv4Network, tier: Tier, *, zones: int) -> tuple[IPv4Network, ...]:
    """The ranges of a tier's subnets, one for each zone, in a VPC of the range ``network``.

    Known without a deployment, because security groups of other regions can name a tier by its ranges only.
    """
    start = int(network.network_address)
    for candidate, bits in TIER_BITS.items():
        prefix = network.prefixlen + bits
        size = 2 ** (32 - prefix)
        if candidate is tier:
            return tuple(IPv4Network((start + zone * size, prefix)) for zone in range(zones))
        start += MOST_ZONES * size
    raise ValueError(f"{tier!r} is no tier; there are {', '.join(TIER_BITS)}")


class Ssh(Section):
    """SSH to the instances, for those who cannot use Session Manager."""

    enabled: bool = Field(default=False, description="whether the instances admit SSH, from `allowed_cidr` only")
    widest_prefix: Annotated[int, Field(ge=16, le=32)] = Field(
        default=24, description="the prefix length of the widest range of `allowed_cidr` that SSH may come from, 16-32"
    )


class Network(Section):
    """The network of every region, and what joins them."""

    nat_gateways: Annotated[int, Field(ge=0, le=MOST_ZONES)] = Field(
        default=2,
        description="NAT gateways in each region, at most one per zone; 0 keeps the private tier off the internet",
    )
    between_regions: Literal["vpc-peering", "transit-gateway", "none"] = Field(
        default="vpc-peering", description="the private network that joins the regions"
    )
    ssh: Ssh = Field(default=Ssh(), description="SSH to the instances")
