"""What an account can have once in a region: made, left alone, or relied upon, as the file says."""

from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise

# By the key of the file: the type that must not exist twice, and the source of the events that tell of it.
DETECTORS = {
    "guard_duty": ("AWS::GuardDuty::Detector", "aws.guardduty"),
    "security_hub": ("AWS::SecurityHub::Hub", "aws.securityhub"),
    "inspector": ("Custom::Inspector", "aws.inspector2"),
    "macie": ("AWS::Macie::Session", "aws.macie"),
    "access_analyzer": ("AWS::AccessAnalyzer::Analyzer", "aws.access-analyzer"),
}
REGIONS = (1, 2, 3)


def described(*, regions: int, **security: str) -> Assembly:
    return synthesise(environment(regions=regions, security=security))


def heard(stack: StackTemplate) -> set[str]:
    """The sources of the events that the stack's rules send on."""
    return {
        source for rule in stack.properties("AWS::Events::Rule") for source in rule.get("EventPattern", {})["source"]
    }


@pytest.mark.parametrize("regions", REGIONS)
@pytest.mark.parametrize("service", DETECTORS)
def test_a_service_that_is_off_is_neither_made_nor_heard(service: str, regions: int) -> None:
    kind, source = DETECTORS[service]
    for stack in described(regions=regions, **{service: "off"}).of(Stacks.SECURITY):
        assert stack.of_type(kind) == {}
        assert source not in heard(stack)


@pytest.mark.parametrize("regions", REGIONS)
@pytest.mark.parametrize("service", DETECTORS)
def test_a_service_to_create_is_made_once_in_every_region_and_heard(service: str, regions: int) -> None:
    kind, source = DETECTORS[service]
    stacks = described(regions=regions, **dict.fromkeys(DETECTORS, "create")).of(Stacks.SECURITY)
    assert len(stacks) == regions
    for stack in stacks:
        assert len(stack.of_type(kind)) == 1
        assert source in heard(stack)


@pytest.mark.parametrize("regions", REGIONS)
@pytest.mark.parametrize("service", DETECTORS)
def test_a_service_that_somebody_else_runs_is_heard_and_not_made(service: str, regions: int) -> None:
    kind, source = DETECTORS[service]
    for stack in described(regions=regions, **dict.fromkeys(DETECTORS, "existing")).of(Stacks.SECURITY):
        assert stack.of_type(kind) == {}
        assert source in heard(stack)


@pytest.mark.parametrize("regions", REGIONS)
@pytest.mark.parametrize("mode", ["create", "existing"])
def test_the_recorder_is_made_only_where_nobody_runs_one_and_the_rules_in_any_case(regions: int, mode: str) -> None:
    for stack in described(regions=regions, config_recorder=mode).of(Stacks.COMPLIANCE):
        made = 1 if mode == "create" else 0
        assert len(stack.of_type("AWS::Config::ConfigurationRecorder")) == made
        assert len(stack.of_type("AWS::Config::DeliveryChannel")) == made
        assert len(stack.of_type("AWS::Config::ConfigRule")) > 20


@pytest.mark.parametrize("regions", REGIONS)
@pytest.mark.parametrize(("mode", "made"), [("create", 1), ("existing", 0), ("off", 0)])
def test_the_role_of_api_gateway_is_a_setting_of_the_account_in_a_region(regions: int, mode: str, made: int) -> None:
    for stack in described(regions=regions, api_gateway_account=mode).of(Stacks.SECURITY):
        assert len(stack.of_type("AWS::ApiGateway::Account")) == made


@pytest.mark.parametrize("regions", REGIONS)
@pytest.mark.parametrize(("mode", "made"), [("create", 1), ("off", 0)])
def test_one_trail_stands_in_the_home_region(regions: int, mode: str, made: int) -> None:
    assembly = described(regions=regions, cloud_trail=mode)
    trails = [stack.region for stack, _, _ in assembly.resources("AWS::CloudTrail::Trail")]
    assert trails == [assembly.environment.home.name] * made


@pytest.mark.parametrize("regions", REGIONS)
def test_findings_of_all_regions_are_gathered_in_the_home_region(regions: int) -> None:
    assembly = described(regions=regions, **dict.fromkeys(DETECTORS, "create"))
    found = [
        (stack.region, resource["Properties"]["Regions"])
        for stack, _, resource in assembly.resources("AWS::SecurityHub::FindingAggregator")
    ]
    others = [region.name for region in assembly.environment.regions[1:]]
    expected: list[Any] = [(assembly.environment.home.name, others)] if others else []
    assert found == expected
