"""The zone as Route 53's API tells it, read like the one of the templates."""

from __future__ import annotations

from typing import Any

import pytest

from configuration.failover.budget import FailoverSettings
from ops.failover.comparison import described
from ops.failover.deployed import deployed_zone
from ops.failover.design import RegionDesign, designed_zone
from ops.failover.health_checks import CalculatedCheck
from ops.failover.template import TemplateError

LIVE, REGIONAL, PUBLIC = "live-a.app.example.com", "a.app.example.com", "app.example.com"


def endpoint(identifier: str, host: str, path: str, *, inverted: bool = False) -> dict[str, Any]:
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": host,
        "Port": 443,
        "ResourcePath": path,
        "RequestInterval": 10,
        "FailureThreshold": 3,
        "EnableSNI": True,
        "Inverted": inverted,
    }
    return {"Id": identifier, "HealthCheckConfig": config}


def calculated(identifier: str, *children: str, threshold: int) -> dict[str, Any]:
    config = {"Type": "CALCULATED", "ChildHealthChecks": list(children), "HealthThreshold": threshold}
    return {"Id": identifier, "HealthCheckConfig": config}


CHECKS = [
    endpoint("1", REGIONAL, "/health"),
    endpoint("2", "switches.example.com", "/a", inverted=True),
    calculated("3", "1", "2", threshold=2),
    endpoint("4", REGIONAL, "/health/deep"),
    calculated("5", "4", threshold=1),
]


def alias(target: str) -> dict[str, Any]:
    return {"HostedZoneId": "Z1", "DNSName": f"{target}.", "EvaluateTargetHealth": True}


RECORDS: list[dict[str, Any]] = [
    {
        "Name": f"{PUBLIC}.",
        "Type": "CNAME",
        "SetIdentifier": "a",
        "Region": "a",
        "AliasTarget": alias(LIVE),
        "HealthCheckId": "3",
    },
    {
        "Name": f"{LIVE}.",
        "Type": "CNAME",
        "SetIdentifier": "a",
        "Weight": 1,
        "TTL": 10,
        "ResourceRecords": [{"Value": REGIONAL}],
        "HealthCheckId": "5",
    },
    *({"Name": f"{REGIONAL}.", "Type": kind, "AliasTarget": alias("lb.example.aws")} for kind in ("A", "AAAA")),
    {"Name": "example.com.", "Type": "NS", "TTL": 172800, "ResourceRecords": [{"Value": "ns.example.net."}]},
]


def test_what_the_api_tells_is_the_zone_that_was_designed() -> None:
    region = RegionDesign(
        region="a", live=LIVE, regional=REGIONAL, target="lb.example.aws", switch=("switches.example.com", "/a")
    )
    assert described(deployed_zone(RECORDS, CHECKS)) == described(designed_zone(PUBLIC, [region], FailoverSettings()))


@pytest.mark.parametrize(
    ("position", "change"),
    [
        (0, {"AliasTarget": {**alias(LIVE), "EvaluateTargetHealth": False}}),
        (0, {"HealthCheckId": "1"}),
        (1, {"TTL": 60}),
        (1, {"Weight": 0}),
        (2, {"AliasTarget": alias("other.example.aws")}),
    ],
)
def test_a_record_that_was_changed_by_hand_is_noticed(position: int, change: dict[str, Any]) -> None:
    changed = [record | change if at == position else record for at, record in enumerate(RECORDS)]
    assert described(deployed_zone(changed, CHECKS)) != described(deployed_zone(RECORDS, CHECKS))


def test_children_are_checks_of_the_same_account() -> None:
    zone = deployed_zone(RECORDS, CHECKS)
    (dependencies,) = [zone.health_checks[record.health_check or ""] for record in zone.records if record.name == LIVE]
    assert isinstance(dependencies, CalculatedCheck)
    assert [zone.health_checks[child].id.endswith("4") for child in dependencies.children] == [True]


def test_a_record_whose_check_is_gone_is_told() -> None:
    with pytest.raises(TemplateError, match="HealthCheckId"):
        deployed_zone(RECORDS, CHECKS[:4])
