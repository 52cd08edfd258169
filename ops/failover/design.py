"""The records and health checks of a platform, as they follow from its names and settings.

Each region has

- a *regional name*, which is the alias to its load balancer,
- a *live name*, which leads to the regional name and is healthy while the region's deep check passes, or while
  another region's fails too: what fails in several regions at once is shared, and leaving a region would not help.
  (A calculated check cannot monitor other calculated checks, but it can count inverted ones.)
- a record of the *public name*: a latency alias to the live name. It evaluates its target's health and has a check
  of its own, of which both have to pass: shallow check and operator's switch together. The switch is an inverted
  check on an object elsewhere: while it exists, the region is out of service.

With ``RecordDesign.CNAME`` live and public name are CNAMEs and have a TTL of their own, otherwise every record is
an alias.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from configuration.failover.budget import FailoverSettings, RecordDesign
from ops.failover.health_checks import CalculatedCheck, EndpointCheck, HealthCheck, Protocol
from ops.failover.records import AliasTarget, Latency, Record, RecordType, Simple, Weighted, Zone


@dataclass(frozen=True, kw_only=True)
class RegionDesign:
    """A region by its names. ``target`` is its load balancer's; ``switch`` is the host and path of its switch's object,
    None where no other region could keep it."""

    region: str
    live: str
    regional: str
    target: str
    switch: tuple[str, str] | None


def designed_zone(
    public: str,
    regions: Sequence[RegionDesign],
    settings: FailoverSettings,
    *,
    health_path: str = "/health",
    deep_path: str | None = "/health/deep",
) -> Zone:
    """The zone of a platform whose application is asked for by the name ``public``."""
    design = _Design(public, regions, settings, health_path, deep_path)
    return Zone(
        tuple(record for region in regions for record in design.records(region)),
        {check.id: check for region in regions for check in design.checks(region)},
    )


@dataclass(frozen=True)
class _Design:
    public: str
    regions: Sequence[RegionDesign]
    settings: FailoverSettings
    health_path: str
    deep_path: str | None

    def records(self, names: RegionDesign) -> Iterator[Record]:
        aliases = (RecordType.A, RecordType.AAAA)
        by_cname = self.settings.record_design is RecordDesign.CNAME
        for record_type in (RecordType.CNAME,) if by_cname else aliases:
            yield self._record(
                names.region, record_type, self.public, Latency(names.region), names.live, f"in-service/{names.region}"
            )
            # One weighted record alone: only records of a group can have a health check.
            check = f"dependencies/{names.region}" if self.deep_path else None
            yield self._record(names.region, record_type, names.live, Weighted(1), names.regional, check, ends=by_cname)
        for record_type in aliases:
            target = AliasTarget(dns_name=names.target, evaluate_target_health=True)
            yield Record(name=names.regional, type=record_type, policy=Simple(), alias=target)

    def _record(
        self,
        region: str,
        record_type: RecordType,
        name: str,
        policy: Latency | Weighted,
        leads_to: str,
        check: str | None,
        *,
        ends: bool = False,
    ) -> Record:
        return Record(
            name=name,
            type=record_type,
            policy=policy,
            set_identifier=region,
            alias=None if ends else AliasTarget(dns_name=leads_to, evaluate_target_health=True),
            ttl=self.settings.record_ttl if ends else None,
            values=(leads_to,) if ends else (),
            health_check=check,
        )

    def checks(self, names: RegionDesign) -> Iterator[HealthCheck]:
        region, children = names.region, [f"shallow/{names.region}"]
        yield self._endpoint("shallow", region, (names.regional, self.health_path))
        if names.switch:
            children.append(f"switch/{region}")
            yield self._endpoint("switch", region, names.switch, inverted=True)
        yield CalculatedCheck(id=f"in-service/{region}", children=tuple(children), health_threshold=len(children))
        if self.deep_path is None:
            return
        yield self._endpoint("deep", region, (names.regional, self.deep_path))
        if len(self.regions) > 1:
            yield self._endpoint("deep-failure", region, (names.regional, self.deep_path), inverted=True)
        others = (f"deep-failure/{other.region}" for other in self.regions if other != names)
        yield CalculatedCheck(id=f"dependencies/{region}", children=(f"deep/{region}", *others), health_threshold=1)

    def _endpoint(self, name: str, region: str, at: tuple[str, str], *, inverted: bool = False) -> EndpointCheck:
        host, path = at
        return EndpointCheck(
            id=f"{name}/{region}",
            protocol=Protocol.HTTPS,
            host=host,
            path=path,
            request_interval=self.settings.request_interval,
            failure_threshold=self.settings.failure_threshold,
            inverted=inverted,
        )
