"""A built-in platform to try the drill on, in the record design that ``configuration.failover.budget`` recommends."""

from collections.abc import Sequence

from configuration.failover.budget import FailoverSettings, failover_budget
from ops.failover.design import RegionDesign, designed_zone
from ops.failover.topology import CHECKERS, Topology, clients_near

DOMAIN = "example.com"
REGIONS = ("xx-alpha-1", "xx-beta-1", "xx-gamma-1")
"""Shaped like the codes of regions, for what insists on them, and none of AWS's."""
_SWITCHES = "switches.example.net"


def example_topology(
    settings: FailoverSettings | None = None,
    *,
    regions: Sequence[str] = REGIONS,
    clients_per_region: int = 4,
    checkers: int = CHECKERS,
) -> Topology:
    """The example with these settings; regions are nearer to each other the closer they stand in ``regions``."""
    chosen = settings or FailoverSettings()
    names = [_names(region) for region in regions]
    return Topology(
        zone=designed_zone(f"app.{DOMAIN}", names, chosen),
        name=f"app.{DOMAIN}",
        regions=tuple(regions),
        targets={region.target: region.region for region in names},
        endpoints={region.regional: region.region for region in names},
        switches={f"{_SWITCHES}/{region}": region for region in regions},
        clients=clients_near(regions, each=clients_per_region, hold=chosen.client_hold),
        budget=failover_budget(chosen).path("app"),
        propagation=chosen.propagation_allowance,
        checkers=checkers,
    )


def _names(region: str) -> RegionDesign:
    return RegionDesign(
        region=region,
        live=f"live.{region}.{DOMAIN}",
        regional=f"{region}.{DOMAIN}",
        target=f"load-balancer.{region}.{DOMAIN}.aws",
        switch=(_SWITCHES, f"/{region}"),
    )
