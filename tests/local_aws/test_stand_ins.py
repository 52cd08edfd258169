"""Stand-ins: recorded in their stack, checked against the registry's schema, known to nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import LocalAws
from local_aws.registry_schema import any_schema_of
from local_aws.stand_ins import STAND_INS
from tests.local_aws.added_types import ACCOUNT, REGION, SUBJECT, att
from tests.local_aws.stacks import Stack, stack

# The least that each type's schema asks for.
PROPERTIES: dict[str, dict[str, Any]] = {
    "AWS::AccessAnalyzer::Analyzer": {"Type": "ACCOUNT", "AnalyzerName": "own"},
    "AWS::Backup::RestoreTestingPlan": {
        "RestoreTestingPlanName": "weekly",
        "ScheduleExpression": "cron(0 5 ? * MON *)",
        "RecoveryPointSelection": {
            "Algorithm": "LATEST_WITHIN_WINDOW",
            "IncludeVaults": ["*"],
            "RecoveryPointTypes": ["SNAPSHOT"],
        },
    },
    "AWS::Backup::RestoreTestingSelection": {
        "RestoreTestingPlanName": "weekly",
        "RestoreTestingSelectionName": "tables",
        "ProtectedResourceType": "DynamoDB",
        "IamRoleArn": f"arn:aws:iam::{ACCOUNT}:role/restore",
    },
    "AWS::CloudWatch::AnomalyDetector": {"Namespace": "Own", "MetricName": "Latency", "Stat": "Average"},
    "AWS::CodeConnections::Connection": {"ConnectionName": "source", "ProviderType": "GitHub"},
    "AWS::CodeStarConnections::Connection": {"ConnectionName": "source", "ProviderType": "GitHub"},
    "AWS::CodeStarNotifications::NotificationRule": {
        "Name": "failed",
        "DetailType": "FULL",
        "EventTypeIds": ["codepipeline-pipeline-pipeline-execution-failed"],
        "Resource": f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:release",
        "Targets": [{"TargetType": "SNS", "TargetAddress": f"arn:aws:sns:{REGION}:{ACCOUNT}:failed"}],
    },
    "AWS::Config::RemediationConfiguration": {
        "ConfigRuleName": "tagged",
        "TargetId": "AWS-PublishSNSNotification",
        "TargetType": "SSM_DOCUMENT",
    },
    "AWS::InspectorV2::CisScanConfiguration": {
        "ScanName": "monthly",
        "SecurityLevel": "LEVEL_1",
        "Schedule": {"Monthly": {"Day": "MON", "StartTime": {"TimeOfDay": "05:00", "TimeZone": "UTC"}}},
        "Targets": {"AccountIds": [ACCOUNT], "TargetResourceTags": {"Owner": ["one"]}},
    },
    "AWS::InspectorV2::Filter": {"Name": "old", "FilterAction": "SUPPRESS", "FilterCriteria": {}},
    "AWS::Logs::QueryDefinition": {"Name": "errors", "QueryString": "fields @message"},
    "AWS::S3::StorageLens": {
        "StorageLensConfiguration": {
            "Id": "all",
            "IsEnabled": True,
            "AccountLevel": {"BucketLevel": {}},
        }
    },
    "AWS::S3::StorageLensGroup": {"Name": "own", "Filter": {"MatchAnyPrefix": ["raw/"]}},
    "AWS::SecurityHub::FindingAggregator": {"RegionLinkingMode": "ALL_REGIONS"},
    "AWS::SecurityHub::Standard": {
        "StandardsArn": f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
    },
}
_FORMS = (
    re.compile(rf"arn:aws:[a-z0-9-]+:{REGION}:{ACCOUNT}:\S+"),
    re.compile(r"[0-9a-f-]{36}"),
    re.compile(r"[\w|-]+"),
)


def test_each_one_is_tried_here() -> None:
    assert set(PROPERTIES) == {one.name for one in STAND_INS}


@pytest.mark.parametrize("one", STAND_INS, ids=lambda one: one.name)
def test_its_reference_and_its_attributes_have_the_documented_form(aws: LocalAws, one: Any) -> None:
    resource = {SUBJECT: {"Type": one.name, "Properties": PROPERTIES[one.name]}}
    outputs = {re.sub(r"\W", "", name): att(SUBJECT, name) for name in one.attributes}
    with stack(aws, REGION, resource, outputs) as made:
        first = made.ids[SUBJECT]
        answers = [first, *made.outputs.values()]
        assert all(any(form.fullmatch(answer) for form in _FORMS) for answer in answers), answers
        assert not [answer for answer in answers if "{" in answer]
        made.deploy(resource, outputs, Description="changed")
        assert made.ids[SUBJECT] == first


@pytest.mark.parametrize("one", STAND_INS, ids=lambda one: one.name)
def test_it_answers_every_attribute_a_template_may_ask_for(one: Any) -> None:
    schema = any_schema_of(one.name)
    documented = {path.replace("/", ".") for path in schema.read_only if "*" not in path}
    assert set(one.attributes) <= documented
    assert one.reason


def test_a_property_its_schema_refuses_fails_the_deployment(aws: LocalAws) -> None:
    wrong = {"Type": "AWS::Logs::QueryDefinition", "Properties": {"Name": "errors", "QueryText": "fields @message"}}
    failed = Stack(aws, REGION)
    reasons = failed.refused({SUBJECT: wrong})
    assert "QueryText" in reasons
    assert "'QueryString' is a required property" in reasons
    failed.delete()


def test_a_type_nobody_thought_of_fails_the_deployment(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match=r"Unrecognized resource types: \[AWS::GroundStation::Config\]"):
        Stack(aws, REGION).deploy({SUBJECT: {"Type": "AWS::GroundStation::Config"}})
