"""The latency records and the health checks they go by."""

from typing import Any

import pytest

from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from ops.failover.comparison import described
from ops.failover.health_checks import CalculatedCheck, EndpointCheck
from ops.failover.intended import intended_zone
from ops.failover.platform import assembled_zone
from ops.failover.records import Latency, RecordType, Zone
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import order

PATIENT = {"rto_seconds": {"app": 900, "api": 900}}
APPLICATION = "app.test.acme.example"


def global_stack(assembly: Assembly) -> StackTemplate:
    return assembly.stack(Stacks.GLOBAL, GLOBAL_SERVICES_REGION)


def zone_of(assembly: Assembly) -> Zone:
    return assembled_zone(assembly.environment, assembly.directory)


def checks_of(stack: StackTemplate) -> list[dict[str, Any]]:
    return [check["HealthCheckConfig"] for check in stack.properties("AWS::Route53::HealthCheck")]


@pytest.mark.parametrize(
    "routing",
    [
        {},
        {"record_design": "alias", **PATIENT},
        {"request_interval": 30, "failure_threshold": 5, "record_ttl": 20, **PATIENT},
        {"deep_health_path": None},
        {"deep_health_path": "/ready"},
    ],
    ids=["default", "alias", "slow", "shallow", "other-path"],
)
@pytest.mark.parametrize("regions", [1, 2, 3])
def test_the_templates_say_what_the_file_means(regions: int, routing: dict[str, Any]) -> None:
    described_environment = environment(regions=regions, routing=routing)
    assembly = synthesise(described_environment)
    assert described(zone_of(assembly)) == described(intended_zone(described_environment))


def test_every_region_has_a_latency_record_that_evaluates_its_target_and_has_a_check(platform: Assembly) -> None:
    records = [
        record
        for record in global_stack(platform).properties("AWS::Route53::RecordSet")
        if record["Name"] == f"{APPLICATION}."
    ]
    assert [record["Region"] for record in records] == [region.name for region in platform.environment.regions]
    assert len({record["SetIdentifier"] for record in records}) == len(records)
    for record in records:
        assert record["AliasTarget"]["EvaluateTargetHealth"] is True
        assert record["AliasTarget"]["HostedZoneId"] == record["HostedZoneId"]
        assert record["HealthCheckId"]


def test_the_alias_design_answers_with_addresses_of_both_protocols() -> None:
    assembly = synthesise(environment(routing={"record_design": "alias", **PATIENT}))
    public = [record for record in zone_of(assembly).records if record.name == APPLICATION]
    assert {record.type for record in public} == {RecordType.A, RecordType.AAAA}
    assert {record.policy for record in public} == {Latency("us-east-1"), Latency("us-west-2")}


def test_an_endpoints_check_asks_the_name_of_its_region_over_tls_with_that_name(platform: Assembly) -> None:
    domain = platform.environment.domain
    regional = {domain.application_in(region) for region in platform.environment.regions}
    switches = {domain.switches_in(region) for region in platform.environment.regions}
    for check in checks_of(global_stack(platform)):
        if check["Type"] == "CALCULATED":
            continue
        assert (check["Type"], check["Port"], check["EnableSNI"]) == ("HTTPS", 443, True)
        assert (check["RequestInterval"], check["FailureThreshold"]) == (10, 3)
        assert check["FullyQualifiedDomainName"] in regional | switches
        assert check["FullyQualifiedDomainName"] != domain.application


def test_interval_and_threshold_come_from_the_file() -> None:
    routing = {"request_interval": 30, "failure_threshold": 2, **PATIENT}
    stack = global_stack(synthesise(environment(routing=routing)))
    asked = {
        (check["RequestInterval"], check["FailureThreshold"])
        for check in checks_of(stack)
        if check["Type"] != "CALCULATED"
    }
    assert asked == {(30, 2)}


def test_shallow_and_switch_are_combined_and_deep_counts_the_failures_of_others(platform: Assembly) -> None:
    zone = zone_of(platform)
    others = len(platform.environment.regions) - 1
    for record in zone.records:
        check = zone.health_checks.get(record.health_check or "")
        if record.name == APPLICATION:
            assert isinstance(check, CalculatedCheck)
            assert check.health_threshold == len(check.children) == (2 if others else 1)
        elif record.name.startswith("live-"):
            assert isinstance(check, CalculatedCheck)
            assert (check.health_threshold, len(check.children)) == (1, 1 + others)
            children = [zone.health_checks[child] for child in check.children]
            assert sum(child.inverted for child in children) == others


def test_a_switch_is_kept_in_another_region_and_read_without_it(platform: Assembly) -> None:
    """The object of a region's switch stands in the region of its copies, behind a name of that region."""
    described_environment = platform.environment
    switches = {
        check.path.removeprefix("/"): check
        for check in zone_of(platform).health_checks.values()
        if isinstance(check, EndpointCheck) and check.host.startswith("switches-")
    }
    with_partner = [region for region in described_environment.regions if described_environment.partner_of(region)]
    assert set(switches) == {region.name for region in with_partner}
    for region in with_partner:
        keeper = described_environment.partner_of(region)
        assert keeper is not None
        assert keeper != region
        assert switches[region.name].inverted
        assert switches[region.name].host == described_environment.domain.switches_in(keeper)


def test_the_global_stack_can_be_deployed_while_a_region_is_lost(platform: Assembly) -> None:
    """It reads nothing of a region's stacks; the one output it looks up is that of the zone."""
    template = str(global_stack(platform).template)
    assert "Fn::ImportValue" not in template
    assert template.count("Fn::GetStackOutput") == 1
    assert "'StackName': 'Acme-test-Zone-us-east-1'" in template


def test_records_come_after_the_names_and_switches_they_go_by(platform: Assembly) -> None:
    before = order(platform)[global_stack(platform).name]
    assert {stack.name for service in (Stacks.DNS, Stacks.CDN) for stack in platform.of(service)} <= before


def test_a_live_name_is_written_before_the_alias_to_it(platform: Assembly) -> None:
    stack = global_stack(platform)
    for logical_id, record in stack.of_type("AWS::Route53::RecordSet").items():
        if record["Properties"]["Name"] != f"{APPLICATION}.":
            continue
        (live,) = record["DependsOn"]
        name = stack.resources[live]["Properties"]["Name"]
        assert name == record["Properties"]["AliasTarget"]["DNSName"], logical_id
