"""Short forms for records and checks, as the tests of the failover engine need them."""

from __future__ import annotations

from collections.abc import Iterable

from ops.failover.health_checks import EndpointCheck, HealthCheck, Protocol
from ops.failover.records import AliasTarget, Latency, Policy, Record, RecordType, Weighted, Zone

NAME = "www.example.com"


def endpoint(id_: str = "check", **changes: object) -> EndpointCheck:
    values: dict[str, object] = {"id": id_, "protocol": Protocol.HTTPS, "host": "endpoint.example.com"}
    return EndpointCheck(**(values | changes))  # type: ignore[arg-type]


def address(
    identifier: str, policy: Policy, *, name: str = NAME, check: str | None = None, value: str | None = None
) -> Record:
    """A non-alias A record; its value is its identifier unless another is given."""
    return Record(
        name=name,
        type=RecordType.A,
        policy=policy,
        set_identifier=identifier,
        ttl=30,
        values=(value or identifier,),
        health_check=check,
    )


def alias(
    identifier: str,
    policy: Policy,
    target: str,
    *,
    name: str = NAME,
    evaluate: bool = True,
    check: str | None = None,
) -> Record:
    return Record(
        name=name,
        type=RecordType.A,
        policy=policy,
        set_identifier=identifier,
        alias=AliasTarget(dns_name=target, evaluate_target_health=evaluate),
        health_check=check,
    )


def zone(records: Iterable[Record], checks: Iterable[HealthCheck] = ()) -> Zone:
    """The records; every health check they name exists, as an endpoint's unless it is given."""
    chosen = tuple(records)
    given = {check.id: check for check in checks}
    named = {record.health_check for record in chosen if record.health_check}
    return Zone(chosen, {id_: endpoint(id_) for id_ in named} | given)


def latency_tree(*, evaluate_first: bool = True) -> Zone:
    """The tree of AWS's own page on complex configurations: two regions, two weighted records in each.

    The checks are called a1, a2, b1 and b2, the regions region-a (the nearer) and region-b.
    """
    return zone(
        [
            alias("a", Latency("region-a"), "a.example.com", evaluate=evaluate_first),
            alias("b", Latency("region-b"), "b.example.com"),
            *(
                address(
                    f"{region}{number}", Weighted(10 * number), name=f"{region}.example.com", check=f"{region}{number}"
                )
                for region in "ab"
                for number in (1, 2)
            ),
        ]
    )


NEAR_A = {"region-a": 20.0, "region-b": 90.0, "region-c": 150.0}
