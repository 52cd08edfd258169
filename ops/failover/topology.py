"""What a drill runs on: the zone, who asks for it from where, and what its names lead to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from configuration.failover.budget import PathBudget
from ops.failover.health_checks import EndpointCheck
from ops.failover.records import Latency, Record, RecordType, Zone
from ops.failover.resolver import Answer, Resolver, View

CHECKERS = 16
"""How many checkers watch an endpoint. AWS says "every 30 seconds" each and "about every two seconds" together
("Values that you specify when you create or update health checks", Request interval), which makes about as many."""
_NEAR, _FAR = 20.0, 80.0
LONGEST_CHAIN = 8
"""How many CNAMEs a resolver follows before it gives up, as common resolvers do."""


@dataclass(frozen=True, kw_only=True)
class Client:
    """Whoever asks for the service.

    Args:
        name: distinguishes the clients.
        latencies: to each region, in milliseconds.
        period: seconds from one request to the next.
        timeout: seconds it waits for an answer.
        hold: seconds it holds an address beyond its TTL.
    """

    name: str
    latencies: Mapping[str, float]
    period: float = 1.0
    timeout: float = 5.0
    hold: float = 0.0

    @property
    def nearest(self) -> str:
        """The region it would be served by if all were healthy."""
        return min(self.latencies, key=lambda region: (self.latencies[region], region))


def clients_near(regions: Sequence[str], *, each: int, hold: float = 0.0) -> tuple[Client, ...]:
    """As many clients near every region; regions are nearer to each other the closer they stand in ``regions``."""
    return tuple(
        Client(
            name=f"client {number} near {home}",
            latencies={region: _NEAR + _FAR * abs(index - place) for index, region in enumerate(regions)},
            hold=hold,
        )
        for place, home in enumerate(regions)
        for number in range(1, each + 1)
    )


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """How the load balancers check their targets: what an alias that evaluates target health goes by."""

    path: str = "/health"
    interval: float = 10.0
    timeout: float = 5.0
    threshold: int = 2


class TopologyError(ValueError):
    """A topology on which no drill can run. ``problems`` lists every mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Topology:
    """The platform as its clients and Route 53 see it.

    Args:
        zone: the records and health checks.
        name: what clients ask for.
        regions: the first is the primary.
        targets: the region behind each final DNS name or address.
        endpoints: the region behind each host name that health checks ask.
        switches: the region that each operator's switch governs, by the host name and path of its object.
        clients: who asks.
        budget: what the measured times are held against.
        propagation: simulated seconds from the checkers' conclusion to the name servers' answers.
        checkers: how many checkers watch each endpoint.
        target_group: how load balancers check their targets; None means that these always count as healthy.
        request_path: what clients ask for.
        deep_path: what tells whether a region's dependencies work.

    Raises:
        TopologyError: something leads nowhere; all mistakes together.
    """

    zone: Zone
    name: str
    regions: tuple[str, ...]
    targets: Mapping[str, str]
    endpoints: Mapping[str, str]
    switches: Mapping[str, str] = field(default_factory=dict)
    clients: tuple[Client, ...]
    budget: PathBudget
    propagation: float
    checkers: int = CHECKERS
    target_group: TargetGroup | None = None
    request_path: str = "/"
    deep_path: str = "/health/deep"

    def __post_init__(self) -> None:
        problems = [*self._dead_ends(), *self._unknown_endpoints(), *self._unknown_regions()]
        if problems:
            raise TopologyError(problems)

    def endpoint_checks(self) -> tuple[EndpointCheck, ...]:
        """The checks that send requests."""
        checks = self.zone.health_checks.values()
        return tuple(check for check in checks if isinstance(check, EndpointCheck) and not check.disabled)

    def health_paths(self) -> tuple[str, ...]:
        """The paths by which checkers judge regions, switches left aside."""
        return tuple(
            sorted({check.path for check in self.endpoint_checks() if f"{check.host}{check.path}" not in self.switches})
        )

    def routes(self) -> dict[Record, str]:
        """The records among which the asked name chooses, with the region each stands for."""
        group = self.zone.group(self.name, RecordType.A) or self.zone.group(self.name, RecordType.CNAME)
        return {record: self._region(record) for record in group}

    def _region(self, record: Record) -> str:
        if isinstance(record.policy, Latency):
            return record.policy.region
        return record.set_identifier or record.name

    def _dead_ends(self) -> Iterator[str]:
        if not self.routes():
            yield f"{self.name}: the zone has no A or CNAME record of this name"
        everything_works = View(latencies={}, statuses=dict.fromkeys(self.zone.health_checks, True))
        for record in self.routes():
            alone = Zone(
                (*(other for other in self.zone.records if other.name != self.name), record), self.zone.health_checks
            )
            final = follow(Resolver(alone), self.name, everything_works)
            if final is None:
                yield f"{record}: leads to no address"
            else:
                yield from (
                    f"{record}: leads to {value!r}, which is none of the targets"
                    for value in final[-1].values
                    if value not in self.targets
                )

    def _unknown_endpoints(self) -> Iterator[str]:
        for check in self.endpoint_checks():
            if f"{check.host}{check.path}" not in self.switches and check.host not in self.endpoints:
                yield f"health check {check.id}: {check.host}{check.path} is neither an endpoint nor a switch"

    def _unknown_regions(self) -> Iterator[str]:
        named = {
            "target": self.targets.values(),
            "endpoint": self.endpoints.values(),
            "switch": self.switches.values(),
            "client": [region for client in self.clients for region in client.latencies],
        }
        for kind, regions in named.items():
            for region in sorted(set(regions) - set(self.regions)):
                yield f"a {kind} names the region {region!r}, which is none of {', '.join(self.regions)}"


def follow(resolver: Resolver, name: str, view: View) -> tuple[Answer, ...] | None:
    """The answers on the way from a name to an address or to a name outside the zone; None for a dead end."""
    answers: list[Answer] = []
    for _ in range(LONGEST_CHAIN):
        answer = resolver.answer(name, RecordType.A, view)
        if answer is None:
            return tuple(answers) or None
        answers.append(answer)
        if answer.type is not RecordType.CNAME:
            return tuple(answers)
        name = answer.values[0]
    return None
