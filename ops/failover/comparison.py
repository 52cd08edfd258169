"""Compares zones whose health checks have ids of their own."""

from collections.abc import Iterator
from dataclasses import fields, replace

from ops.failover.health_checks import CalculatedCheck, HealthCheck
from ops.failover.records import Record, Zone


def described(zone: Zone) -> frozenset[str]:
    """A line for every record: what it is and goes by, down to the last check; equal zones have equal lines."""
    return frozenset(" ".join(_record(zone, record)) for record in zone.records)


def _record(zone: Zone, record: Record) -> Iterator[str]:
    yield f"{record}:"
    yield str(record.policy)
    if record.alias is not None:
        evaluates = " if that is healthy" if record.alias.evaluate_target_health else ""
        yield f"leads to {record.alias.dns_name}{evaluates}"
    if record.values:
        yield f"is {', '.join(record.values)} for {record.ttl} s"
    if record.health_check is not None:
        yield f"while {_check(zone, zone.health_checks[record.health_check])}"


def _check(zone: Zone, check: HealthCheck) -> str:
    if isinstance(check, CalculatedCheck):
        children = sorted(_check(zone, zone.health_checks[child]) for child in check.children)
        unnamed = f"{check.health_threshold} of [{'; '.join(children)}]"
        return f"not {unnamed}" if check.inverted else unnamed
    anonymous = replace(check, id="")
    values = (f"{field.name}={getattr(anonymous, field.name)}" for field in fields(anonymous) if field.name != "id")
    return f"{type(check).__name__}({', '.join(values)})"
