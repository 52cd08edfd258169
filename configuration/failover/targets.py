"""Holds the failover budget against an environment's targets, and says which value to change where it misses one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from configuration.failover.budget import FailoverSettings, OriginTimeouts, RecordDesign, failover_budget

_USEFUL_TTLS = (60, 30, 20, 10)

_Knob = Callable[[FailoverSettings], Iterator[FailoverSettings]]


@dataclass(frozen=True)
class MissedTarget:
    """A path whose worst case is longer than its target, and what would help."""

    path: str
    worst_case: float
    target: int
    advice: str

    def __str__(self) -> str:
        return f"{self.path}: recovers within {self.worst_case:g} s at worst, not {self.target} s; {self.advice}"


def missed_targets(settings: FailoverSettings, rto_seconds: Mapping[str, int]) -> tuple[MissedTarget, ...]:
    """The paths that cannot keep their target, given by the path's name in whole seconds.

    Each comes with the single changes that would be enough, and failing these with the least there is.
    """
    budget = failover_budget(settings)
    return tuple(
        MissedTarget(path, budget.path(path).total, target, _advice(settings, path, target))
        for path, target in rto_seconds.items()
        if budget.path(path).total > target
    )


def _advice(settings: FailoverSettings, path: str, target: int) -> str:
    def worst_case(changed: FailoverSettings) -> float:
        return failover_budget(changed).path(path).total

    enough = []
    least = settings
    for knob in _KNOBS:
        for changed in knob(settings):
            if worst_case(changed) <= target:
                enough.append(f"{_difference(settings, changed)} ({worst_case(changed):g} s)")
                break
        # A knob's settings come from the gentlest to the strongest; each knob is turned on top of those before it.
        least = min((least, [least, *knob(least)][-1]), key=worst_case)
    if enough:
        return f"any one of these is enough: {'; '.join(enough)}"
    reached = f"{worst_case(least):g} s ({_difference(settings, least)})"
    if worst_case(least) <= target:
        return f"no single value is enough; all that help together reach {reached}"
    return f"raise the target: even all values turned as far as is useful reach no less than {reached}"


def _interval(settings: FailoverSettings) -> Iterator[FailoverSettings]:
    if settings.request_interval > 10:
        yield replace(settings, request_interval=10)


def _threshold(settings: FailoverSettings) -> Iterator[FailoverSettings]:
    for threshold in range(settings.failure_threshold - 1, 0, -1):
        yield replace(settings, failure_threshold=threshold)


def _design(settings: FailoverSettings) -> Iterator[FailoverSettings]:
    if settings.record_design is RecordDesign.ALIAS:
        for ttl in _USEFUL_TTLS:
            yield replace(settings, record_design=RecordDesign.CNAME, record_ttl=ttl)


def _ttl(settings: FailoverSettings) -> Iterator[FailoverSettings]:
    if settings.record_design is RecordDesign.CNAME:
        for ttl in _USEFUL_TTLS:
            if ttl < settings.record_ttl:
                yield replace(settings, record_ttl=ttl)


def _origin_value(origin: str, value: str, useful: Sequence[int]) -> _Knob:
    def knob(settings: FailoverSettings) -> Iterator[FailoverSettings]:
        timeouts: OriginTimeouts = getattr(settings, origin)
        for lower in useful:
            if lower < getattr(timeouts, value):
                change: dict[str, Any] = {value: lower}
                turned: dict[str, Any] = {origin: replace(timeouts, **change)}
                yield replace(settings, **turned)

    return knob


_KNOBS: tuple[_Knob, ...] = (
    _interval,
    _threshold,
    _design,
    _ttl,
    *(
        _origin_value(origin, value, useful)
        for origin in ("assets_origin", "api_origin")
        for value, useful in (
            ("response_timeout", (20, 10, 5, 3)),
            ("connection_timeout", (5, 3, 2)),
            ("connection_attempts", (2, 1)),
        )
    ),
)


def _difference(before: FailoverSettings, after: FailoverSettings) -> str:
    """What differs, by the keys of the environment file."""
    changes: list[str] = []
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if isinstance(old, OriginTimeouts):
            changes += _changes(f"cdn.{field.name}", old, new)
        elif old != new:
            changes.append(f"routing.{field.name} {old} -> {new}")
    return ", ".join(changes)


def _changes(section: str, before: OriginTimeouts, after: OriginTimeouts) -> Iterator[str]:
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            yield f"{section}.{field.name} {old} -> {new}"
