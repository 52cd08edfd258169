"""Health checks keep the lists they are given."""

import uuid
from typing import Any

from local_aws.process import LocalAws


def created(route53: Any, **config: Any) -> str:
    made = route53.create_health_check(CallerReference=uuid.uuid4().hex, HealthCheckConfig=config)
    identifier: str = made["HealthCheck"]["Id"]
    return identifier


def test_a_calculated_check_knows_its_children_and_an_endpoints_check_its_regions(aws: LocalAws) -> None:
    route53 = aws.client("route53", "us-east-1")
    regions = ["us-east-1", "us-west-1", "eu-west-1"]
    children = [
        created(route53, Type="HTTPS", FullyQualifiedDomainName=f"{name}.example.com", Regions=regions)
        for name in ("a", "b")
    ]
    parent = created(route53, Type="CALCULATED", ChildHealthChecks=children, HealthThreshold=1)
    found = {check["Id"]: check["HealthCheckConfig"] for check in route53.list_health_checks()["HealthChecks"]}
    assert found[parent]["ChildHealthChecks"] == children
    assert found[children[0]]["Regions"] == regions
    route53.update_health_check(HealthCheckId=parent, ChildHealthChecks=children[:1])
    assert (
        route53.get_health_check(HealthCheckId=parent)["HealthCheck"]["HealthCheckConfig"]["ChildHealthChecks"]
        == children[:1]
    )


def test_an_inverted_check_says_so(aws: LocalAws) -> None:
    route53 = aws.client("route53", "us-east-1")
    made = created(route53, Type="HTTPS", FullyQualifiedDomainName="c.example.com", Inverted=True, Disabled=False)
    config = route53.get_health_check(HealthCheckId=made)["HealthCheck"]["HealthCheckConfig"]
    assert (config["Inverted"], config["Disabled"]) == (True, False)
