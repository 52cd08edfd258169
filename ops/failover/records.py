"""The records of a hosted zone, as far as routing and health decide what is answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ops.failover.health_checks import CalculatedCheck, HealthCheck

MAXIMUM_CHILDREN = 256
"""A calculated check monitors at most this many others ("Values that you specify when you create ...")."""


class RecordType(StrEnum):
    """The types of records that lead to a service."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"


class FailoverRole(StrEnum):
    """The two roles of failover routing; the values are CloudFormation's."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"


@dataclass(frozen=True)
class Simple:
    """One record alone answers for its name."""


@dataclass(frozen=True)
class Latency:
    """The record of the region that is nearest to whoever asks."""

    region: str


@dataclass(frozen=True)
class Weighted:
    """Chosen in proportion to its weight, 0 to 255."""

    weight: int


@dataclass(frozen=True)
class Failover:
    """The primary answers while it is healthy, the secondary otherwise."""

    role: FailoverRole


@dataclass(frozen=True)
class Multivalue:
    """Up to eight healthy records answer together."""


Policy = Simple | Latency | Weighted | Failover | Multivalue


@dataclass(frozen=True, kw_only=True)
class AliasTarget:
    """What an alias leads to: another name of the zone, or an AWS resource's own DNS name."""

    dns_name: str
    evaluate_target_health: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """One record set. It has either an alias target or values with a TTL in seconds.

    Names are in lower case and without a trailing dot; so are the values of a CNAME.
    """

    name: str
    type: RecordType
    policy: Policy = field(default_factory=Simple)
    set_identifier: str | None = None
    alias: AliasTarget | None = None
    ttl: int | None = None
    values: tuple[str, ...] = ()
    health_check: str | None = None

    def __str__(self) -> str:
        identifier = f" ({self.set_identifier})" if self.set_identifier else ""
        return f"{self.name} {self.type}{identifier}"


def normalized(name: str) -> str:
    """A DNS name as the model keeps it: in lower case and without the trailing dot."""
    return name.lower().rstrip(".")


class ZoneError(ValueError):
    """A zone that Route 53 would refuse, or that would never answer. ``problems`` lists every mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Zone:
    """A hosted zone with its health checks.

    Raises:
        ZoneError: records or checks break a rule of Route 53; all mistakes together.
    """

    records: tuple[Record, ...]
    health_checks: Mapping[str, HealthCheck] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = [*self._wrong_records(), *self._wrong_groups(), *self._wrong_checks(), *self._loops()]
        if problems:
            raise ZoneError(problems)

    def group(self, name: str, record_type: RecordType) -> tuple[Record, ...]:
        """The records with this name and type; none where the zone has no such records."""
        return tuple(record for record in self.records if record.name == name and record.type is record_type)

    def target_group(self, record: Record) -> tuple[Record, ...]:
        """The records of this zone to which an alias leads; none where it leads to an AWS resource."""
        return () if record.alias is None else self.group(record.alias.dns_name, record.type)

    def _wrong_records(self) -> Iterator[str]:
        for record in self.records:
            if (record.alias is None) is (not record.values):
                yield f"{record}: needs either an alias target or values"
            if (record.alias is None) is (record.ttl is None):
                yield f"{record}: values need a TTL, and an alias takes that of its target"
            if isinstance(record.policy, Weighted) and not 0 <= record.policy.weight <= 255:
                yield f"{record}: weight {record.policy.weight}; it must be 0 to 255"
            if record.type is RecordType.CNAME and len(record.values) > 1:
                yield f"{record}: a CNAME has one value"
            if record.health_check is not None and record.health_check not in self.health_checks:
                yield f"{record}: health check {record.health_check!r} does not exist"

    def _wrong_groups(self) -> Iterator[str]:
        for name, record_type in sorted({(record.name, record.type) for record in self.records}):
            group = self.group(name, record_type)
            where = f"{name} {record_type}"
            if len({type(record.policy) for record in group}) > 1:
                yield f"{where}: records of one name and type must have one routing policy"
            elif isinstance(group[0].policy, Simple) and len(group) > 1:
                yield f"{where}: exists {len(group)} times; simple routing has one record"
            elif not isinstance(group[0].policy, Simple) and (
                None in (identifiers := [record.set_identifier for record in group])
                or len(set(identifiers)) < len(group)
            ):
                yield f"{where}: every record of the group needs a set identifier of its own"
            if record_type is RecordType.CNAME and any(
                self.group(name, other) for other in (RecordType.A, RecordType.AAAA)
            ):
                yield f"{where}: a name with a CNAME can have no other records"

    def _wrong_checks(self) -> Iterator[str]:
        for id_, check in self.health_checks.items():
            if not isinstance(check, CalculatedCheck):
                continue
            if len(check.children) > MAXIMUM_CHILDREN:
                yield f"health check {id_}: {len(check.children)} children; it can have {MAXIMUM_CHILDREN}"
            for child in check.children:
                if child not in self.health_checks:
                    yield f"health check {id_}: child {child!r} does not exist"
                elif isinstance(self.health_checks[child], CalculatedCheck):
                    yield f"health check {id_}: child {child!r} is calculated itself, which Route 53 refuses"

    def _loops(self) -> Iterator[str]:
        for record in self.records:
            seen: set[Record] = set()
            ahead = [record]
            while ahead:
                followers = self.target_group(ahead.pop())
                if record in followers:
                    yield f"{record}: the alias leads back to itself"
                    break
                ahead += [follower for follower in followers if follower not in seen]
                seen.update(followers)
