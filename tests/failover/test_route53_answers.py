"""The documented rules by which Route 53 chooses what to answer.

Documents: those of ``configuration.failover.documents``; each test names the document and its section.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from ops.failover.records import (
    AliasTarget,
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
from ops.failover.resolver import Answer, Resolver, View
from tests.failover.builders import NAME, NEAR_A, address, alias, latency_tree, zone

PRIMARY, SECONDARY = Failover(FailoverRole.PRIMARY), Failover(FailoverRole.SECONDARY)


def ask(
    records: Zone,
    unhealthy: str = "",
    *,
    name: str = NAME,
    latencies: Mapping[str, float] = NEAR_A,
    resources: Mapping[str, bool] | None = None,
    seed: int = 0,
    record_type: RecordType = RecordType.A,
) -> Answer:
    """Ask while the named checks, separated by spaces, are unhealthy."""
    statuses = {id_: id_ not in unhealthy.split() for id_ in records.health_checks}
    view = View(latencies=latencies, statuses=statuses, resources=resources or {})
    answer = Resolver(records, seed=seed).answer(name, record_type, view)
    assert answer is not None
    return answer


def shares(records: Zone, unhealthy: str = "", *, queries: int = 4000) -> dict[str, float]:
    """How often each value is answered, over many queries to one resolver."""
    resolver = Resolver(records, seed=1)
    view = View(latencies={}, statuses={id_: id_ not in unhealthy.split() for id_ in records.health_checks})
    answers = (resolver.answer(NAME, RecordType.A, view) for _ in range(queries))
    counted = Counter(answer.values[0] for answer in answers if answer is not None)
    return {value: count / queries for value, count in counted.items()}


def regions(*, checked: bool = True) -> Zone:
    return zone(
        address(region, Latency(f"region-{region}"), check=region if checked else None) for region in ("c", "a", "b")
    )


# Latency routing


def test_latency_routing_answers_with_the_region_of_the_lowest_latency() -> None:
    """LATENCY_ROUTING."""
    assert ask(regions()).values == ("a",)
    assert ask(regions(), latencies={"region-a": 80, "region-b": 120, "region-c": 9}).values == ("c",)


def test_latency_routing_takes_the_next_best_region_when_the_best_is_unhealthy() -> None:
    """CHOICE_OF_RECORDS, step 3: "chooses another record using the same criteria and repeats the process"."""
    assert ask(regions(), "a").values == ("b",)
    assert ask(regions(), "a b").values == ("c",)


def test_latency_routing_only_knows_regions_that_have_records() -> None:
    """LATENCY_ROUTING: "determines which AWS Regions you've created latency records for"."""
    assert ask(regions(), latencies={"region-z": 1, "region-b": 50}).values == ("b",)


def test_the_answer_is_the_same_whoever_created_the_records_first() -> None:
    """Not documented, but a drill has to be repeatable: equally near regions go by their set identifier."""
    forwards, backwards = regions().records, regions().records[::-1]
    equally_near: dict[str, float] = {}
    assert {
        ask(Zone(records, regions().health_checks), latencies=equally_near).values for records in (forwards, backwards)
    } == {("a",)}


# Health in general


def test_records_without_a_health_check_are_always_healthy() -> None:
    """CHOICE_OF_RECORDS, "Records without a health check are always healthy"."""
    records = zone([address("a", Latency("region-a")), address("b", Latency("region-b"), check="b")])
    assert ask(records, "b").values == ("a",)
    assert not ask(records, "b").last_resort


def test_if_no_record_is_healthy_all_records_are_healthy() -> None:
    """CHOICE_OF_RECORDS, "If no record is healthy, all records are healthy"; FAILOVER_PROBLEMS, last resort."""
    answer = ask(regions(), "a b c")
    assert answer.values == ("a",)
    assert answer.last_resort
    assert not ask(regions(), "a b").last_resort


def test_one_healthy_record_is_enough_to_leave_the_last_resort() -> None:
    """FAILOVER_PROBLEMS, cascading failures: only "when all records are considered unhealthy"."""
    assert ask(regions(), "a b").values == ("c",)


def test_a_single_record_answers_whatever_its_health() -> None:
    """SIMPLE_ALIAS_VALUES, Evaluate target health: "has no effect for Simple routing"."""
    record = Record(
        name=NAME,
        type=RecordType.A,
        alias=AliasTarget(dns_name="load-balancer.example.net", evaluate_target_health=True),
    )
    answer = ask(Zone((record,)), resources={"load-balancer.example.net": False})
    assert answer.values == ("load-balancer.example.net",)
    assert not answer.last_resort


# Weighted routing


def test_weighted_records_share_the_answers_by_weight() -> None:
    """WEIGHTED_ROUTING: weight of the record over the sum of the weights."""
    records = zone(address(value, Weighted(weight), check=value) for value, weight in (("x", 10), ("y", 20), ("z", 20)))
    assert shares(records)["x"] == pytest.approx(0.2, abs=0.03)


def test_the_weight_of_an_unhealthy_record_leaves_the_calculation() -> None:
    """SIMPLE_CONFIGURATIONS: 10/(10+20+20) becomes 10/(10+20) when the third record is unhealthy."""
    records = zone(address(value, Weighted(weight), check=value) for value, weight in (("x", 10), ("y", 20), ("z", 20)))
    found = shares(records, "z")
    assert set(found) == {"x", "y"}
    assert found["x"] == pytest.approx(1 / 3, abs=0.03)


def test_zero_weighted_records_answer_only_when_all_others_are_unhealthy() -> None:
    """CHOICE_OF_RECORDS, "Weighted records that have a weight of 0"."""
    records = zone(address(value, Weighted(weight), check=value) for value, weight in (("x", 1), ("y", 3), ("zero", 0)))
    assert set(shares(records)) == {"x", "y"}
    assert set(shares(records, "x")) == {"y"}
    assert set(shares(records, "x y")) == {"zero"}
    assert set(shares(records, "x y zero")) == {"x", "y"}


def test_records_of_weight_zero_alone_share_the_answers_equally() -> None:
    """WEIGHTED_VALUES, Weight: with 0 for all records "traffic is routed to all ... with equal probability"."""
    found = shares(zone(address(value, Weighted(0)) for value in "xyz"))
    assert {value: pytest.approx(1 / 3, abs=0.03) for value in "xyz"} == found


# Failover routing


@pytest.mark.parametrize(
    ("unhealthy", "expected"),
    [("", "primary"), ("secondary", "primary"), ("primary", "secondary"), ("primary secondary", "primary")],
)
def test_failover_answers_with_the_secondary_only_while_the_primary_alone_is_unhealthy(
    unhealthy: str, expected: str
) -> None:
    """CHOICE_OF_RECORDS, "Failover records": both unhealthy, "Route 53 returns the primary record"."""
    records = zone([address("secondary", SECONDARY, check="secondary"), address("primary", PRIMARY, check="primary")])
    assert ask(records, unhealthy).values == (expected,)


def test_a_secondary_without_a_check_answers_whenever_the_primary_is_unhealthy() -> None:
    """CHOICE_OF_RECORDS, "Failover records": "even if the secondary record is unhealthy"."""
    records = zone([address("secondary", SECONDARY), address("primary", PRIMARY, check="primary")])
    assert ask(records, "primary").values == ("secondary",)
    assert not ask(records, "primary").last_resort


# Multivalue answers


def test_a_multivalue_answer_holds_up_to_eight_healthy_records() -> None:
    """MULTIVALUE_ROUTING."""
    records = zone(address(f"v{number}", Multivalue(), check=f"v{number}") for number in range(10))
    assert len(set(ask(records).values)) == 8
    assert set(ask(records, "v0 v1 v2 v3 v4").values) == {f"v{number}" for number in range(5, 10)}


def test_a_multivalue_answer_holds_up_to_eight_unhealthy_records_when_none_is_healthy() -> None:
    """MULTIVALUE_ROUTING: "When all records are unhealthy ... up to eight unhealthy records"."""
    records = zone(address(f"v{number}", Multivalue(), check=f"v{number}") for number in range(10))
    answer = ask(records, " ".join(f"v{number}" for number in range(10)))
    assert len(set(answer.values)) == 8
    assert answer.last_resort


# Aliases


def test_an_alias_that_evaluates_its_target_is_healthy_while_one_target_record_is() -> None:
    """CHOICE_OF_RECORDS, "Alias records": "As long as at least one of the weighted records is healthy"."""
    assert ask(latency_tree(), "a1").values == ("a2",)


def test_route_53_backs_out_of_a_branch_in_which_nothing_is_healthy() -> None:
    """COMPLEX_CONFIGURATIONS, the sequence of events, step 4."""
    answer = ask(latency_tree(), "a1 a2 b1")
    assert answer.values == ("b2",)
    assert [record.set_identifier for record in answer.trail] == ["b", "b2"]


def test_a_branch_is_considered_again_when_one_of_its_records_is_healthy_again() -> None:
    """CHOICE_OF_RECORDS, "Alias records", the third point."""
    assert ask(latency_tree(), "a1 a2").values[0].startswith("b")
    assert ask(latency_tree(), "a2").values == ("a1",)


def test_an_alias_that_does_not_evaluate_its_target_keeps_answering() -> None:
    """COMPLEX_CONFIGURATIONS, "when you set evaluate target health to No": it "must choose one record"."""
    answer = ask(latency_tree(evaluate_first=False), "a1 a2")
    assert answer.values[0].startswith("a")
    assert answer.last_resort


def test_a_missing_check_in_a_branch_keeps_the_branch_healthy() -> None:
    """COMPLEX_CONFIGURATIONS, "What happens when you omit health checks?"."""
    records = zone(
        [
            alias("a", Latency("region-a"), "a.example.com"),
            alias("b", Latency("region-b"), "b.example.com"),
            address("a1", Weighted(1), name="a.example.com", check="a1"),
            address("a2", Weighted(1), name="a.example.com"),
            address("b1", Weighted(1), name="b.example.com", check="b1"),
        ]
    )
    assert ask(records, "a1").values == ("a2",)


@pytest.mark.parametrize(
    ("unhealthy", "expected"), [("", "a"), ("region", "b"), ("a1", "b"), ("region a1", "b"), ("region b1", "a")]
)
def test_an_alias_with_a_check_of_its_own_needs_both_to_be_healthy(unhealthy: str, expected: str) -> None:
    """COMPLEX_CONFIGURATIONS, "when you associate a health check with an alias record": "both ... must be true".

    The last case has no healthy record at all, so that the nearest answers.
    """
    records = zone(
        [
            alias("a", Latency("region-a"), "a.example.com", check="region"),
            alias("b", Latency("region-b"), "b.example.com"),
            address("a", Weighted(1), name="a.example.com", check="a1"),
            address("b", Weighted(1), name="b.example.com", check="b1"),
        ]
    )
    assert ask(records, unhealthy).values == (expected,)


def test_an_alias_follows_the_health_of_the_load_balancer_it_evaluates() -> None:
    """LATENCY_ALIAS_VALUES, Evaluate target health: unhealthy target groups make Route 53 route elsewhere."""
    records = zone([alias(region, Latency(f"region-{region}"), f"{region}.elb.example.net") for region in "ab"])
    assert ask(records, resources={"a.elb.example.net": False}).values == ("b.elb.example.net",)
    both = {"a.elb.example.net": False, "b.elb.example.net": False}
    assert ask(records, resources=both).values == ("a.elb.example.net",)


def test_an_alias_to_a_load_balancer_has_a_ttl_of_60_seconds() -> None:
    """WEIGHTED_VALUES, TTL: "60 seconds (the TTL for load balancers)"; ALIAS_OR_NOT: it cannot be set."""
    assert ask(zone([alias("a", Latency("region-a"), "a.elb.example.net")])).ttl == 60


def test_an_alias_to_a_record_has_the_ttl_of_that_record() -> None:
    """ALIAS_OR_NOT: "Route 53 uses the TTL of the record that the alias record points to"."""
    assert ask(latency_tree()).ttl == 30


def test_an_alias_answers_only_for_its_own_type() -> None:
    """ALIAS_OR_NOT, record type specified in the DNS query."""
    view = View(latencies=NEAR_A, statuses=dict.fromkeys(latency_tree().health_checks, True))
    assert Resolver(latency_tree()).answer(NAME, RecordType.AAAA, view) is None


@pytest.mark.parametrize("record_type", [RecordType.A, RecordType.AAAA, RecordType.CNAME])
def test_a_cname_answers_for_every_type(record_type: RecordType) -> None:
    """ALIAS_OR_NOT: "redirects DNS queries for a record name regardless of the record type"."""
    record = Record(name=NAME, type=RecordType.CNAME, policy=Simple(), ttl=10, values=("elsewhere.example.com",))
    answer = ask(Zone((record,)), record_type=record_type)
    assert (answer.type, answer.values, answer.ttl) == (RecordType.CNAME, ("elsewhere.example.com",), 10)


def test_a_name_that_the_zone_does_not_have_has_no_answer() -> None:
    assert Resolver(regions()).answer("other.example.com", RecordType.A, View(latencies={})) is None
