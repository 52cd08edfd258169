"""Topologies: what cannot be drilled is refused, and what evaluating target health alone is worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ops.failover.backends import memory_backends
from ops.failover.clients import CachingClient
from ops.failover.clock import InstantClock, PacedClock
from ops.failover.drill import run_drill
from ops.failover.example import REGIONS, example_topology
from ops.failover.records import AliasTarget, Latency, Record, RecordType, Weighted, Zone
from ops.failover.report import DrillReport
from ops.failover.resolver import Resolver
from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch
from ops.failover.topology import Client, TargetGroup, Topology, TopologyError
from tests.failover.builders import NAME, address, alias, zone

A, B, _ = REGIONS


def aliases_only() -> Topology:
    """Latency aliases straight to load balancers, whose health is all that Route 53 goes by."""
    records = tuple(
        Record(
            name="app.example.com",
            type=RecordType.A,
            policy=Latency(region),
            set_identifier=region,
            alias=AliasTarget(dns_name=f"lb.{region}", evaluate_target_health=True),
        )
        for region in REGIONS
    )
    example = example_topology()
    return replace(
        example,
        zone=Zone(records),
        targets={f"lb.{region}": region for region in REGIONS},
        switches={},
        target_group=TargetGroup(),
    )


def drill(topology: Topology, *events: Event) -> DrillReport:
    scenario = Scenario(
        name="test",
        title="",
        duration=140,
        events=events,
        watches=(Watch(criterion=Criterion.DRAINED, start=10, end=140, regions=(A,)),),
    )
    with memory_backends(topology.regions) as backends:
        return run_drill(topology, scenario, InstantClock(), backends)


@pytest.mark.parametrize(
    "event",
    [
        Event(at=10, action=Action.SICKEN, regions=(A,), paths=("/health",)),
        Event(at=10, action=Action.SLOW, regions=(A,), delay=6.0),
    ],
)
def test_evaluated_target_health_leaves_a_load_balancer_without_healthy_targets(event: Event) -> None:
    (drained,) = drill(aliases_only(), event).measurements
    # Two failed checks at ten seconds each, propagation, and the TTL of 60 seconds.
    assert drained.value is not None
    assert 30 < drained.value <= 20 + 20 + 60


def test_evaluated_target_health_alone_does_not_see_a_region_that_can_no_longer_report() -> None:
    (drained,) = drill(aliases_only(), Event(at=10, action=Action.LOSE, regions=(A,))).measurements
    assert drained.value is None


def test_the_example_has_health_checks_on_every_path_it_can_fail_by() -> None:
    example = example_topology()
    assert example.health_paths() == ("/health", "/health/deep")
    assert list(example.routes().values()) == list(REGIONS)


def problems(**changes: Any) -> str:
    with pytest.raises(TopologyError) as raised:
        replace(example_topology(), **changes)
    return "\n".join(raised.value.problems)


def test_a_name_that_leads_to_no_target_is_refused() -> None:
    assert "none of the targets" in problems(targets={})
    assert "the zone has no A or CNAME record of this name" in problems(name="other.example.com")


def test_a_chain_of_names_without_an_end_is_refused() -> None:
    turning = [
        Record(name=name, type=RecordType.CNAME, ttl=5, values=(other,))
        for name, other in ((NAME, "b.example.com"), ("b.example.com", NAME))
    ]
    assert "leads to no address" in problems(zone=Zone(tuple(turning)), name=NAME)


def test_a_health_check_of_an_unknown_endpoint_is_refused() -> None:
    assert "neither an endpoint nor a switch" in problems(endpoints={})


def test_regions_that_do_not_exist_are_refused_wherever_they_are_named() -> None:
    example = example_topology()
    found = problems(
        targets={**example.targets, "x": "nowhere"},
        clients=(*example.clients, Client(name="lost", latencies={"elsewhere": 1})),
    )
    assert "a target names the region 'nowhere'" in found
    assert "a client names the region 'elsewhere'" in found


def test_a_client_is_nearest_to_the_region_of_its_lowest_latency() -> None:
    assert Client(name="c", latencies={"b": 5, "a": 9}).nearest == "b"
    assert Client(name="c", latencies={"b": 5, "a": 5}).nearest == "a"


def caching(records: Zone, **client: float) -> CachingClient:
    asking = Client(name="c", latencies={"region-a": 10, "region-b": 90}, **client)
    return CachingClient(asking, Resolver(records), {"a": "region-a", "b": "region-b"})


def locations(client: CachingClient, times: tuple[float, ...], *, healthy: bool = False) -> list[str | None]:
    """Where a client goes that first asks while region-a is healthy, and later while it is as given."""
    return [
        client.locate(NAME, now=now, statuses={"a": now == times[0] or healthy, "b": True}, resources={})
        for now in times
    ]


def test_a_client_asks_again_when_the_ttl_is_over() -> None:
    records = zone([address(value, Latency(f"region-{value}"), check=value) for value in "ab"])
    assert locations(caching(records), (0.0, 29.9, 30.0)) == ["region-a", "region-a", "region-b"]


def test_a_client_that_holds_addresses_longer_asks_again_later() -> None:
    records = zone([address(value, Latency(f"region-{value}"), check=value) for value in "ab"])
    assert locations(caching(records, hold=10.0), (0.0, 39.9, 40.0)) == ["region-a", "region-a", "region-b"]


def test_each_link_of_a_chain_is_cached_for_its_own_time() -> None:
    """The regional name's 60 seconds do not keep a client in a region that the short CNAME has left."""
    links = [
        Record(
            name=NAME,
            type=RecordType.CNAME,
            policy=Latency(f"region-{value}"),
            set_identifier=value,
            ttl=10,
            values=(f"{value}.example.com",),
            health_check=value,
        )
        for value in "ab"
    ]
    ends = [alias(value, Weighted(1), value, name=f"{value}.example.com") for value in "ab"]
    assert locations(caching(zone([*links, *ends])), (0.0, 9.9, 10.0)) == ["region-a", "region-a", "region-b"]


def test_a_name_that_leads_nowhere_locates_nothing() -> None:
    records = zone([address("elsewhere", Latency("region-a"), check="a")])
    assert caching(records).locate(NAME, now=0.0, statuses={"a": True}, resources={}) is None


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_a_clock_has_to_go_forwards(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        PacedClock(speed)
