"""What is told about the regions' health, and where."""

from typing import Any

import pytest

from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, text

ELSEWHERE = (
    {"name": "eu-west-1", "cidr": "10.10.0.0/16"},
    {"name": "eu-central-1", "cidr": "10.20.0.0/16"},
)


def global_stack(assembly: Assembly) -> StackTemplate:
    return assembly.stack(Stacks.GLOBAL, GLOBAL_SERVICES_REGION)


def watched(stack: StackTemplate) -> dict[str, dict[str, Any]]:
    """The alarms by the check they watch: its name."""
    alarms = stack.properties("AWS::CloudWatch::Alarm")
    names = {}
    for alarm in alarms:
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Route53", "HealthCheckStatus")
        (dimension,) = alarm["Dimensions"]
        check = stack.resources[dimension["Value"]["Ref"]]["Properties"]
        (name,) = [tag["Value"] for tag in check["HealthCheckTags"] if tag["Key"] == "Name"]
        names[name.split("-Checks-")[1]] = alarm
    assert len(names) == len(alarms)
    return names


def test_every_regions_reachability_dependencies_and_switch_are_watched(platform: Assembly) -> None:
    kinds = {"Shallow", "Deep"} | ({"Switch"} if len(platform.environment.regions) > 1 else set())
    expected = {f"{region.name}-{kind}" for region in platform.environment.regions for kind in kinds}
    assert set(watched(global_stack(platform))) == expected


def test_an_alarm_fires_when_its_check_fails_for_a_minute(platform: Assembly) -> None:
    for alarm in watched(global_stack(platform)).values():
        assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Minimum", 60, 1)
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)


def test_a_lost_region_is_critical_and_one_that_was_taken_out_is_not(platform: Assembly) -> None:
    for name, alarm in watched(global_stack(platform)).items():
        severity = "warning" if name.endswith("Switch") else "critical"
        assert f"\nSeverity: {severity}\n" in alarm["AlarmDescription"]
        assert name.rsplit("-", 1)[0] in alarm["AlarmDescription"]


def test_alarms_tell_the_topic_of_the_region_in_which_the_metrics_are(platform: Assembly) -> None:
    topic = f"arn:aws:sns:{GLOBAL_SERVICES_REGION}:000000000000:Acme-test-AlarmTopic"
    for alarm in watched(global_stack(platform)).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]
    assert f"{topic.rsplit(':', 1)[1]}" in str(platform.stack(Stacks.SECURITY, GLOBAL_SERVICES_REGION).template)


@pytest.fixture(scope="module")
def elsewhere() -> StackTemplate:
    return global_stack(synthesise(environment(regions=ELSEWHERE)))


def test_where_the_platform_has_no_topic_there_alarms_tell_one_of_their_own(elsewhere: StackTemplate) -> None:
    (topic_id,) = elsewhere.of_type("AWS::SNS::Topic")
    assert one(elsewhere, "AWS::SNS::Topic")["TopicName"] == "Acme-test-AlertTopic"
    assert len(watched(elsewhere)) == 6
    for alarm in watched(elsewhere).values():
        assert alarm["AlarmActions"] == [{"Ref": topic_id}]


def test_cloudwatch_may_use_the_key_of_that_topic(elsewhere: StackTemplate) -> None:
    (key_id,) = elsewhere.of_type("AWS::KMS::Key")
    assert key_id in text(one(elsewhere, "AWS::SNS::Topic")["KmsMasterKeyId"])
    statements = one(elsewhere, "AWS::KMS::Key")["KeyPolicy"]["Statement"]
    services = [statement["Principal"].get("Service", []) for statement in statements]
    assert any("cloudwatch.amazonaws.com" in service for service in services)
