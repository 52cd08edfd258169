"""Zones that Route 53 would refuse, or that the model could not answer from."""

from __future__ import annotations

import pytest

from ops.failover.health_checks import CalculatedCheck
from ops.failover.records import AliasTarget, Latency, Record, RecordType, Simple, Weighted, Zone, ZoneError
from tests.failover.builders import NAME, address, alias, endpoint


def problems(*records: Record, checks: dict[str, object] | None = None) -> list[str]:
    with pytest.raises(ZoneError) as raised:
        Zone(records, checks or {})  # type: ignore[arg-type]
    return raised.value.problems


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        (Record(name=NAME, type=RecordType.A), "either an alias target or values"),
        (
            Record(name=NAME, type=RecordType.A, ttl=1, values=("v",), alias=AliasTarget(dns_name="x")),
            "either an alias target or values",
        ),
        (Record(name=NAME, type=RecordType.A, values=("192.0.2.1",)), "values need a TTL"),
        (Record(name=NAME, type=RecordType.A, alias=AliasTarget(dns_name="x"), ttl=5), "takes that of its target"),
        (Record(name=NAME, type=RecordType.CNAME, ttl=5, values=("a", "b")), "a CNAME has one value"),
        (address("w", Weighted(256)), "weight 256"),
        (address("w", Weighted(1), check="none"), "'none' does not exist"),
    ],
)
def test_a_record_that_route_53_would_refuse_is_refused(record: Record, rule: str) -> None:
    assert rule in "\n".join(problems(record))


def test_records_of_one_name_and_type_need_one_routing_policy() -> None:
    assert "one routing policy" in problems(address("a", Latency("region-a")), address("b", Weighted(1)))[0]


def test_records_of_a_group_need_set_identifiers_of_their_own() -> None:
    assert "set identifier" in problems(address("a", Weighted(1)), address("a", Weighted(2), value="b"))[0]


def test_simple_routing_has_one_record() -> None:
    assert "exists 2 times" in problems(address("a", Simple()), address("b", Simple()))[0]


def test_a_name_with_a_cname_can_have_no_other_records() -> None:
    cname = Record(name=NAME, type=RecordType.CNAME, ttl=5, values=("x",))
    assert "can have no other records" in problems(cname, address("a", Simple()))[0]


def test_a_calculated_check_cannot_monitor_another() -> None:
    """CHECK_VALUES, Health checks to monitor."""
    inner = CalculatedCheck(id="inner", children=("leaf",), health_threshold=1)
    outer = CalculatedCheck(id="outer", children=("inner", "lost"), health_threshold=1)
    found = problems(checks={"leaf": endpoint("leaf"), "inner": inner, "outer": outer})
    assert len(found) == 2
    assert "'inner' is calculated itself" in found[0]
    assert "'lost' does not exist" in found[1]


def test_a_calculated_check_monitors_at_most_256_others() -> None:
    """CHECK_VALUES, Health checks to monitor."""
    children = {f"c{number}": endpoint(f"c{number}") for number in range(257)}
    parent = CalculatedCheck(id="parent", children=tuple(children), health_threshold=1)
    assert "257 children" in problems(checks=children | {"parent": parent})[0]


def test_an_alias_must_not_lead_back_to_itself() -> None:
    there = alias("a", Simple(), "b.example.com", name="a.example.com")
    back = alias("b", Simple(), "a.example.com", name="b.example.com")
    assert sum("leads back to itself" in problem for problem in problems(there, back)) == 2


def test_all_mistakes_are_reported_together() -> None:
    assert len(problems(address("a", Weighted(300), check="none"), address("b", Latency("region-a")))) == 3
