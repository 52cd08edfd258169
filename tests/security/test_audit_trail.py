"""The record of the account: everything, everywhere, unchangeable, and watched."""

import json

import pytest
from constructs.security.account_alarms import ACCOUNT_EVENTS

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, statements_of, text

TRAIL = "arn:aws:cloudtrail:us-east-1:000000000000:trail/Acme-test-Trail"


@pytest.fixture(scope="module", params=[True, False], ids=["retained", "disposable"])
def home(request: pytest.FixtureRequest) -> StackTemplate:
    return synthesise(environment(regions=2, retain_data=request.param)).stack(Stacks.SECURITY)


def test_the_trail_records_every_region_validated_and_encrypted(home: StackTemplate) -> None:
    trail = one(home, "AWS::CloudTrail::Trail")
    for wanted in ("IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"):
        assert trail[wanted] is True, wanted
    key = home.resources[trail["KMSKeyId"]["Fn::GetAtt"][0]]["Properties"]
    (admitted,) = [
        statement
        for statement in statements_of(key["KeyPolicy"])
        if "cloudtrail.amazonaws.com" in str(statement["Principal"])
    ]
    assert admitted["Condition"] == {"StringEquals": {"aws:SourceArn": TRAIL}}


def test_only_this_trail_writes_to_its_bucket(home: StackTemplate) -> None:
    (bucket_id,) = home.of_type("AWS::S3::Bucket")
    allowed = [
        statement
        for statement in statements_of(one(home, "AWS::S3::BucketPolicy")["PolicyDocument"])
        if statement["Effect"] == "Allow" and "Service" in statement["Principal"]
    ]
    assert {statement["Principal"]["Service"] for statement in allowed} == {"cloudtrail.amazonaws.com"}
    for statement in allowed:
        assert statement["Condition"]["StringEquals"]["aws:SourceArn"] == TRAIL
    assert one(home, "AWS::CloudTrail::Trail")["S3BucketName"] == {"Ref": bucket_id}


def test_the_trail_is_made_after_the_policy_and_the_role_that_it_tries(home: StackTemplate) -> None:
    (trail,) = home.of_type("AWS::CloudTrail::Trail").values()
    kinds = {home.resources[needed]["Type"] for needed in trail["DependsOn"]}
    assert {"AWS::S3::BucketPolicy", "AWS::IAM::Role", "AWS::IAM::Policy"} <= kinds


def test_what_was_recorded_is_locked_where_data_is_retained() -> None:
    for retain in (True, False):
        assembly = synthesise(environment(regions=2, retain_data=retain))
        bucket = one(assembly.stack(Stacks.SECURITY), "AWS::S3::Bucket")
        assert bucket.get("ObjectLockEnabled", False) is retain
        if retain:
            rule = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
            assert rule == {"Mode": "GOVERNANCE", "Days": 365}


def test_every_event_of_the_benchmark_is_filtered_and_alarmed_on(home: StackTemplate) -> None:
    group = one(home, "AWS::CloudTrail::Trail")["CloudWatchLogsLogGroupArn"]["Fn::GetAtt"][0]
    filters = {
        found["MetricTransformations"][0]["MetricName"]: found for found in home.properties("AWS::Logs::MetricFilter")
    }
    alarms = {alarm.get("MetricName"): alarm for alarm in home.properties("AWS::CloudWatch::Alarm")}
    assert filters.keys() == {event.name for event in ACCOUNT_EVENTS}
    for name, found in filters.items():
        assert found["LogGroupName"] == {"Ref": group}
        assert len(found["FilterPattern"]) <= 1024, name
        assert alarms[name]["Namespace"] == found["MetricTransformations"][0]["MetricNamespace"]
        assert "AlarmTopic" in text(alarms[name]["AlarmActions"][0])


def test_every_role_bears_the_boundary_unless_the_file_says_otherwise(platform: Assembly) -> None:
    expected = "policy/Acme-test-Boundary"
    for stack, logical_id, role in platform.resources("AWS::IAM::Role"):
        assert expected in json.dumps(role["Properties"].get("PermissionsBoundary")), f"{stack.name} {logical_id}"
    without = synthesise(environment(regions=1, security={"permissions_boundary": False}))
    roles = [role["Properties"] for _, _, role in without.resources("AWS::IAM::Role")]
    assert roles
    assert not any("PermissionsBoundary" in role for role in roles)
