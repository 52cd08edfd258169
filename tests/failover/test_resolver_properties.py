"""What holds for every zone and every state of health."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ops.failover.records import (
    Failover,
    FailoverRole,
    Latency,
    Multivalue,
    Policy,
    Record,
    RecordType,
    Weighted,
    Zone,
)
from ops.failover.resolver import Resolver, View
from tests.failover.builders import NAME, address, alias, zone

KINDS = ("latency", "weighted", "failover", "multivalue")


def policies(kind: str, weights: list[int]) -> list[Policy]:
    match kind:
        case "latency":
            return [Latency(f"region-{index}") for index in range(len(weights))]
        case "weighted":
            return [Weighted(weight) for weight in weights]
        case "failover":
            return [Failover(role) for role in FailoverRole]
        case _:
            return [Multivalue() for _ in weights]


@st.composite
def trees(draw: st.DrawFn) -> Zone:
    """Zones of one or two levels: records at the top, some of them aliases to groups below."""
    records: list[Record] = []
    kind = draw(st.sampled_from(KINDS))
    for index, policy in enumerate(policies(kind, draw(st.lists(st.integers(0, 5), min_size=1, max_size=5)))):
        check = draw(st.sampled_from([None, f"top-{index}"]))
        # Multivalue answers cannot be aliases.
        if kind == "multivalue" or draw(st.booleans()):
            records.append(address(f"value-{index}", policy, check=check))
            continue
        below = f"below-{index}.example.com"
        records.append(alias(f"alias-{index}", policy, below, evaluate=draw(st.booleans()), check=check))
        below_kind = draw(st.sampled_from(KINDS[:3]))
        for place, lower in enumerate(policies(below_kind, draw(st.lists(st.integers(0, 5), min_size=1, max_size=3)))):
            leaf = f"value-{index}-{place}"
            records.append(address(leaf, lower, name=below, check=draw(st.sampled_from([None, leaf]))))
    return zone(records)


@st.composite
def views(draw: st.DrawFn, records: Zone) -> View:
    return View(
        latencies=draw(st.dictionaries(st.sampled_from([f"region-{index}" for index in range(5)]), st.floats(1, 500))),
        statuses={id_: draw(st.booleans()) for id_ in sorted(records.health_checks)},
    )


@given(st.data(), trees(), st.integers(0, 100))
def test_there_is_always_an_answer(data: st.DataObject, records: Zone, seed: int) -> None:
    answer = Resolver(records, seed=seed).answer(NAME, RecordType.A, data.draw(views(records)))
    assert answer is not None
    assert answer.values
    known = {value for record in records.records for value in record.values}
    assert set(answer.values) <= known


@given(st.data(), trees(), st.integers(0, 100))
def test_no_unhealthy_record_answers_while_its_group_has_a_healthy_one(
    data: st.DataObject, records: Zone, seed: int
) -> None:
    view = data.draw(views(records))
    resolver = Resolver(records, seed=seed)
    answer = resolver.answer(NAME, RecordType.A, view)
    assert answer is not None
    for record in answer.trail:
        group = records.group(record.name, record.type)
        if any(resolver.healthy(other, view) for other in group):
            assert resolver.healthy(record, view)


@given(st.data(), trees(), st.integers(0, 100))
def test_the_last_resort_is_taken_exactly_when_a_group_on_the_way_has_no_healthy_record(
    data: st.DataObject, records: Zone, seed: int
) -> None:
    view = data.draw(views(records))
    resolver = Resolver(records, seed=seed)
    answer = resolver.answer(NAME, RecordType.A, view)
    assert answer is not None
    forsaken = [
        record
        for record in answer.trail
        if not any(resolver.healthy(other, view) for other in records.group(record.name, record.type))
    ]
    assert answer.last_resort is bool(forsaken)


@given(st.data(), trees(), st.integers(0, 100))
def test_a_record_that_becomes_healthy_never_worsens_the_choice(data: st.DataObject, records: Zone, seed: int) -> None:
    """Health only ever adds candidates: what was healthy stays so."""
    before = data.draw(views(records))
    after = View(latencies=before.latencies, statuses=dict.fromkeys(before.statuses, True))
    resolver = Resolver(records, seed=seed)
    for record in records.records:
        assert resolver.healthy(record, after) or not resolver.healthy(record, before)
    answer = resolver.answer(NAME, RecordType.A, after)
    assert answer is not None
    assert not answer.last_resort
