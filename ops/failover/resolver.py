"""Route 53's answer to a query: routing policies, aliases and health, as AWS documents them.

The rules are those of "How Amazon Route 53 chooses records when health checking is configured" and "How health
checks work in complex Amazon Route 53 configurations"; the tests take them one by one. What AWS leaves open is
decided here as follows:

- Latency is a table given by whoever asks; records of equally near regions are taken by their set identifier.
- An alias to an AWS resource is answered with that resource's DNS name, which stands for its addresses.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from configuration.failover.budget import LOAD_BALANCER_TTL
from ops.failover.records import (
    Failover,
    FailoverRole,
    Latency,
    Multivalue,
    Record,
    RecordType,
    Simple,
    Weighted,
    Zone,
)

MULTIVALUE_LIMIT = 8
"""How many records a multivalue answer holds at most ("Multivalue answer routing")."""


@dataclass(frozen=True, kw_only=True)
class View:
    """The world as a query finds it: who asks, and what Route 53 holds to be healthy."""

    latencies: Mapping[str, float]
    """The latency from whoever asks to each region, in milliseconds; an unknown region is the farthest."""
    statuses: Mapping[str, bool] = field(default_factory=dict)
    """The status of every health check."""
    resources: Mapping[str, bool] = field(default_factory=dict)
    """Whether an AWS resource is healthy, by its DNS name; one that is missing is."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What Route 53 returns. ``trail`` names the records that led to it, the asked one first.

    ``last_resort`` tells that no healthy record was left somewhere on the way, so that all counted as healthy.
    """

    type: RecordType
    values: tuple[str, ...]
    ttl: int
    trail: tuple[Record, ...]
    last_resort: bool = False


class Resolver:
    """Answers for one zone. ``seed`` decides the draws among weighted and multivalue records."""

    def __init__(self, zone: Zone, *, seed: int | str = 0) -> None:
        self.zone = zone
        self._draws = random.Random(seed)  # noqa: S311 - routing by weight, not a secret

    def answer(self, name: str, record_type: RecordType, view: View) -> Answer | None:
        """What a query gets: a CNAME wherever the name has one, or None where the zone has nothing to answer."""
        group = self.zone.group(name, record_type) or self.zone.group(name, RecordType.CNAME)
        return self._from_group(group, view) if group else None

    def healthy(self, record: Record, view: View) -> bool:
        """Whether Route 53 considers a record healthy: its own check passes, and its target where it is evaluated."""
        if record.health_check is not None and not view.statuses[record.health_check]:
            return False
        if record.alias is None or not record.alias.evaluate_target_health:
            return True
        targets = self.zone.target_group(record)
        if not targets:
            return view.resources.get(record.alias.dns_name, True)
        return any(self.healthy(target, view) for target in targets)

    def _from_group(self, group: tuple[Record, ...], view: View) -> Answer:
        if isinstance(group[0].policy, Simple):
            # A single record answers whatever its health: there is no other.
            return self._from_record(group[0], view)
        if isinstance(group[0].policy, Multivalue):
            return self._several(group, view)
        for record in self._candidates(group, view):
            if self.healthy(record, view):
                return self._from_record(record, view)
        first = next(self._candidates(group, view))
        return replace(self._from_record(first, view), last_resort=True)

    def _several(self, group: tuple[Record, ...], view: View) -> Answer:
        healthy = [record for record in group if self.healthy(record, view)]
        chosen = self._draws.sample(candidates := healthy or list(group), min(MULTIVALUE_LIMIT, len(candidates)))
        answers = [self._from_record(record, view) for record in chosen]
        return replace(
            answers[0],
            values=tuple(value for answer in answers for value in answer.values),
            last_resort=not healthy,
        )

    def _from_record(self, record: Record, view: View) -> Answer:
        if record.alias is None:
            assert record.ttl is not None  # noqa: S101 - Zone refuses values without a TTL
            return Answer(type=record.type, values=record.values, ttl=record.ttl, trail=(record,))
        targets = self.zone.target_group(record)
        if not targets:
            return Answer(type=record.type, values=(record.alias.dns_name,), ttl=LOAD_BALANCER_TTL, trail=(record,))
        answer = self._from_group(targets, view)
        return replace(answer, trail=(record, *answer.trail))

    def _candidates(self, group: tuple[Record, ...], view: View) -> Iterator[Record]:
        """The records of a latency, weighted or failover group, in the order in which Route 53 tries them."""
        policy = group[0].policy
        if isinstance(policy, Latency):
            yield from sorted(group, key=lambda record: _nearness(record, view))
        elif isinstance(policy, Weighted):
            yield from self._by_weight(group)
        else:
            yield from sorted(group, key=lambda record: record.policy != Failover(FailoverRole.PRIMARY))

    def _by_weight(self, group: tuple[Record, ...]) -> Iterator[Record]:
        weights = {record: record.policy.weight for record in group if isinstance(record.policy, Weighted)}
        left = [record for record, weight in weights.items() if weight > 0]
        while left:
            (drawn,) = self._draws.choices(left, [weights[record] for record in left])
            left.remove(drawn)
            yield drawn
        # Zero-weighted records come into consideration when every other is unhealthy; they weigh the same.
        zero = [record for record, weight in weights.items() if weight == 0]
        yield from self._draws.sample(zero, len(zero))


def _nearness(record: Record, view: View) -> tuple[float, str]:
    assert isinstance(record.policy, Latency)  # noqa: S101 - Zone refuses groups of several policies
    return view.latencies.get(record.policy.region, float("inf")), record.set_identifier or ""
