"""A built-in platform to try the drill on, in the record design that ``ops.failover.budget`` recommends.

Each region has

- a *regional name*, which is the alias to its load balancer,
- a *live name*: a CNAME with a short TTL to the regional name, healthy while the region's deep check passes, or
  while another region's fails too: what fails in several regions at once is shared, and leaving a region would
  not help. (A calculated check cannot monitor other calculated checks, but it can count inverted ones.)
- a record of the *public name*: a latency alias, of type CNAME, to the live name. It evaluates its target's health
  and has a check of its own, of which both have to pass: shallow check and operator's switch together. The switch
  is an inverted check on an object elsewhere: while it exists, the region is out of service.
"""

from collections.abc import Sequence

from ops.failover.budget import FailoverSettings, failover_budget
from ops.failover.health_checks import CalculatedCheck, EndpointCheck, HealthCheck, Protocol
from ops.failover.records import AliasTarget, Latency, Record, RecordType, Weighted, Zone
from ops.failover.topology import CHECKERS, Client, Topology

DOMAIN = "example.com"
REGIONS = ("xx-alpha-1", "xx-beta-1", "xx-gamma-1")
"""Shaped like the codes of regions, for what insists on them, and none of AWS's."""
_SWITCHES = "switches.example.net"
_NEAR, _FAR = 20.0, 80.0


def example_topology(
    settings: FailoverSettings | None = None,
    *,
    regions: Sequence[str] = REGIONS,
    clients_per_region: int = 4,
    checkers: int = CHECKERS,
) -> Topology:
    """The example with these settings; regions are nearer to each other the closer they stand in ``regions``."""
    chosen = settings or FailoverSettings()
    return Topology(
        zone=Zone(
            tuple(record for region in regions for record in _records(region, chosen)),
            {check.id: check for region in regions for check in _checks(region, regions, chosen)},
        ),
        name=f"app.{DOMAIN}",
        regions=tuple(regions),
        targets={_load_balancer(region): region for region in regions},
        endpoints={_regional(region): region for region in regions},
        switches={f"{_SWITCHES}/{region}": region for region in regions},
        clients=tuple(
            Client(
                name=f"client {number} near {home}",
                latencies={region: _NEAR + _FAR * abs(index - place) for index, region in enumerate(regions)},
                hold=chosen.client_hold,
            )
            for place, home in enumerate(regions)
            for number in range(1, clients_per_region + 1)
        ),
        budget=failover_budget(chosen).path("app"),
        propagation=chosen.propagation_allowance,
        checkers=checkers,
    )


def _regional(region: str) -> str:
    return f"{region}.{DOMAIN}"


def _live(region: str) -> str:
    return f"live.{region}.{DOMAIN}"


def _load_balancer(region: str) -> str:
    return f"load-balancer.{region}.{DOMAIN}.aws"


def _records(region: str, settings: FailoverSettings) -> tuple[Record, ...]:
    return (
        Record(
            name=f"app.{DOMAIN}",
            type=RecordType.CNAME,
            policy=Latency(region),
            set_identifier=region,
            alias=AliasTarget(dns_name=_live(region), evaluate_target_health=True),
            health_check=f"in-service/{region}",
        ),
        # One weighted record alone: only records of a group can have a health check.
        Record(
            name=_live(region),
            type=RecordType.CNAME,
            policy=Weighted(1),
            set_identifier=region,
            ttl=settings.record_ttl,
            values=(_regional(region),),
            health_check=f"dependencies/{region}",
        ),
        Record(name=_regional(region), type=RecordType.A, alias=AliasTarget(dns_name=_load_balancer(region))),
    )


def _checks(region: str, regions: Sequence[str], settings: FailoverSettings) -> tuple[HealthCheck, ...]:
    def endpoint(name: str, host: str, path: str, *, inverted: bool = False) -> EndpointCheck:
        return EndpointCheck(
            id=f"{name}/{region}",
            protocol=Protocol.HTTPS,
            host=host,
            path=path,
            request_interval=settings.request_interval,
            failure_threshold=settings.failure_threshold,
            inverted=inverted,
        )

    others = tuple(f"deep-failure/{other}" for other in regions if other != region)
    return (
        endpoint("shallow", _regional(region), "/health"),
        endpoint("deep", _regional(region), "/health/deep"),
        endpoint("deep-failure", _regional(region), "/health/deep", inverted=True),
        endpoint("switch", _SWITCHES, f"/{region}", inverted=True),
        CalculatedCheck(
            id=f"in-service/{region}", children=(f"shallow/{region}", f"switch/{region}"), health_threshold=2
        ),
        CalculatedCheck(id=f"dependencies/{region}", children=(f"deep/{region}", *others), health_threshold=1),
    )
