"""AWS Config: what is recorded, what it is held against, and that the documentation says so."""

import re
from typing import Any

from constructs.compliance.remediation import REPAIRS
from constructs.compliance.rules import RULES

from configuration.names import Stacks
from tests.synthesis import PROJECT, Assembly, environment, synthesise
from tests.template_reading import one


def test_global_types_are_recorded_in_the_home_region_only(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPLIANCE):
        group = one(stack, "AWS::Config::ConfigurationRecorder")["RecordingGroup"]
        assert group["AllSupported"] is True
        assert group["IncludeGlobalResourceTypes"] is (stack.region == platform.environment.home.name)


def test_recorder_and_channel_have_no_order_and_every_rule_waits_for_both(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPLIANCE):
        (recorder_id,) = stack.of_type("AWS::Config::ConfigurationRecorder")
        (channel_id,) = stack.of_type("AWS::Config::DeliveryChannel")
        assert channel_id not in stack.resources[recorder_id].get("DependsOn", [])
        assert recorder_id not in stack.resources[channel_id].get("DependsOn", [])
        for logical_id, rule in stack.of_type("AWS::Config::ConfigRule").items():
            assert {recorder_id, channel_id} <= set(rule["DependsOn"]), logical_id


def rules_of(assembly: Assembly, region: str) -> dict[str, dict[str, Any]]:
    rules = assembly.stack(Stacks.COMPLIANCE, region).properties("AWS::Config::ConfigRule")
    return {rule["Source"]["SourceIdentifier"]: rule for rule in rules}


def test_every_rule_of_the_table_is_asked_and_those_of_the_account_once(platform: Assembly) -> None:
    for region in platform.environment.regions:
        at_home = region == platform.environment.home
        wanted = {rule.identifier for rule in RULES if at_home or not rule.of_account}
        assert rules_of(platform, region.name).keys() == wanted


def test_the_required_rules_are_there(platform: Assembly) -> None:
    home = rules_of(platform, platform.environment.home.name)
    assert "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED" in home
    assert home["IAM_PASSWORD_POLICY"]["InputParameters"]["MinimumPasswordLength"] == "14"


def test_the_home_region_gathers_every_region(platform: Assembly) -> None:
    found = [
        (stack.region, resource["Properties"]["AccountAggregationSources"])
        for stack, _, resource in platform.resources("AWS::Config::ConfigurationAggregator")
    ]
    regions = [region.name for region in platform.environment.regions]
    account = platform.environment.account
    assert found == [(regions[0], [{"AccountIds": [account], "AwsRegions": regions}])]


def test_nothing_is_repaired_unless_the_file_says_so(platform: Assembly) -> None:
    assert list(platform.resources("AWS::Config::RemediationConfiguration")) == []
    repairing = synthesise(environment(regions=2, compliance={"auto_remediation": True}))
    for stack in repairing.of(Stacks.COMPLIANCE):
        repairs = stack.properties("AWS::Config::RemediationConfiguration")
        assert {repair["TargetId"] for repair in repairs} == {repair.document for repair in REPAIRS.values()}
        assert all(repair["Automatic"] for repair in repairs)


def test_names_identifiers_and_descriptions_fit() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert len({rule.identifier for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert re.fullmatch(r"[A-Z0-9_]+", rule.identifier)
        assert len(rule.asks) + len(", ".join(rule.controls)) < 250


def test_the_documentation_lists_every_rule_with_its_controls() -> None:
    page = (PROJECT / "docs" / "compliance.md").read_text()
    for rule in RULES:
        (row,) = [line for line in page.splitlines() if f"`{rule.identifier}`" in line]
        assert all(control in row for control in rule.controls), row
