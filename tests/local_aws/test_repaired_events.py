"""Events, alarms and rotations reach whom they reach on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import LocalAws
from tests.local_aws.added_types import OTHER_REGION, REGION, SUBJECT, att, ref, role
from tests.local_aws.stacks import Resources, Stack, stack, until

ALLOW_EVENTS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:*", "Resource": "*"}
    ],
}


def listener(pattern: dict[str, Any], bus: Any = "default") -> Resources:
    """A queue that hears what a rule lets through."""
    return {
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Allowed": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {"Queues": [ref("Queue")], "PolicyDocument": ALLOW_EVENTS},
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventBusName": bus,
                "EventPattern": pattern,
                "Targets": [{"Id": "queue", "Arn": att("Queue")}],
            },
        },
    }


def heard(aws: LocalAws, region: str, queue: str) -> dict[str, Any]:
    """The next event in a queue."""
    sqs = aws.client("sqs", region)
    messages = until(
        lambda: sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"), "an event", seconds=20
    )
    event: dict[str, Any] = json.loads(messages[0]["Body"])
    return event


def test_an_event_about_an_object_names_its_version(aws: LocalAws) -> None:
    bucket = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {
                "VersioningConfiguration": {"Status": "Enabled"},
                "NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}},
            },
        }
    }
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [ref("Bucket")]}}}
    made = Stack(aws, REGION).deploy({**bucket, **listener(pattern)})
    put = aws.client("s3", REGION).put_object(Bucket=made.ids["Bucket"], Key="note", Body=b"said")
    event = heard(aws, REGION, made.ids["Queue"])
    assert event["detail"]["object"]["version-id"] == put["VersionId"]
    assert event["detail"]["object"]["key"] == "note"


def test_an_event_about_an_object_without_versions_names_none(aws: LocalAws) -> None:
    bucket = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        }
    }
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [ref("Bucket")]}}}
    made = Stack(aws, REGION).deploy({**bucket, **listener(pattern)})
    aws.client("s3", REGION).put_object(Bucket=made.ids["Bucket"], Key="note", Body=b"said")
    assert "version-id" not in heard(aws, REGION, made.ids["Queue"])["detail"]["object"]


def test_an_event_is_forwarded_to_a_bus_in_another_region(aws: LocalAws) -> None:
    bus = {"Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "central"}}}
    with stack(aws, OTHER_REGION, {**bus, **listener({"source": ["own.pipeline"]}, ref("Bus"))}) as there:
        forward = {
            "Role": role("events"),
            "Forward": {
                "Type": "AWS::Events::Rule",
                "Properties": {
                    "EventPattern": {"source": ["own.pipeline"]},
                    "Targets": [
                        {
                            "Id": "central",
                            "Arn": f"arn:aws:events:{OTHER_REGION}:{aws.account}:event-bus/central",
                            "RoleArn": att("Role"),
                        }
                    ],
                },
            },
        }
        with stack(aws, REGION, forward):
            said = {"Source": "own.pipeline", "DetailType": "Said", "Detail": json.dumps({"word": "hello"})}
            aws.client("events", REGION).put_events(Entries=[said])
            assert heard(aws, OTHER_REGION, there.ids["Queue"])["detail"] == {"word": "hello"}


def test_a_policy_of_a_bus_that_is_no_json_is_refused(aws: LocalAws) -> None:
    with pytest.raises(ClientError, match="no JSON"):
        aws.client("events", REGION).put_permission(EventBusName="default", Policy="{")


MATH = {
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 1,
    "EvaluationPeriods": 2,
    "DatapointsToAlarm": "1",
    "Metrics": [
        {"Id": "rate", "Expression": "errors / calls", "Label": "Failures per call"},
        *(
            {
                "Id": name.lower(),
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {"Namespace": "Own", "MetricName": name},
                    "Period": "60",
                    "Stat": "Sum",
                },
            }
            for name in ("Errors", "Calls")
        ),
    ],
}
BAND = {
    "ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold",
    "EvaluationPeriods": 1,
    "ThresholdMetricId": "band",
    "Metrics": [
        {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(calls, 2)"},
        {
            "Id": "calls",
            "MetricStat": {"Metric": {"Namespace": "Own", "MetricName": "Calls"}, "Period": 60, "Stat": "Sum"},
        },
    ],
}


def test_an_alarm_on_an_expression_is_described_as_it_was_written_and_acts(aws: LocalAws) -> None:
    topic = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
        "Allowed": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [ref("Queue")],
                "PolicyDocument": json.loads(json.dumps(ALLOW_EVENTS).replace("events.", "sns.")),
            },
        },
        "Subscribed": {
            "Type": "AWS::SNS::Subscription",
            "Properties": {"TopicArn": ref("Topic"), "Protocol": "sqs", "Endpoint": att("Queue")},
        },
    }
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {**MATH, "AlarmActions": [ref("Topic")]}}
    made = Stack(aws, REGION).deploy({**topic, SUBJECT: alarm})
    cloudwatch, name = aws.client("cloudwatch", REGION), made.ids[SUBJECT]
    found = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    assert [metric["Id"] for metric in found["Metrics"]] == ["rate", "errors", "calls"]
    assert found["Metrics"][1]["MetricStat"]["Period"] == 60
    assert (found["Threshold"], found["DatapointsToAlarm"]) == (1, 1)
    assert not {"MetricName", "Namespace", "Statistic", "Period"} & {key for key, value in found.items() if value}
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tried")
    said = json.loads(heard(aws, REGION, made.ids["Queue"])["Message"])
    assert (said["AlarmName"], said["NewStateValue"]) == (name, "ALARM")
    made.delete()


def test_an_alarm_on_an_anomaly_needs_no_threshold_and_becomes_one_on_a_metric(aws: LocalAws) -> None:
    made = Stack(aws, REGION).deploy({SUBJECT: {"Type": "AWS::CloudWatch::Alarm", "Properties": BAND}})
    describe, name = aws.client("cloudwatch", REGION).describe_alarms, made.ids[SUBJECT]
    found = describe(AlarmNames=[name])["MetricAlarms"][0]
    assert found["ThresholdMetricId"] == "band"
    assert "Threshold" not in found
    plain = {
        "Namespace": "Own",
        "MetricName": "Calls",
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5,
        "EvaluationPeriods": 1,
    }
    made.deploy({SUBJECT: {"Type": "AWS::CloudWatch::Alarm", "Properties": plain}})
    found = describe(AlarmNames=[name])["MetricAlarms"][0]
    assert (found["MetricName"], found["Threshold"]) == ("Calls", 5)
    assert not found.get("Metrics")
    made.delete()


ROTATE = """
import boto3, os
def handler(event, context):
    secrets = boto3.client("secretsmanager")
    secret, token = event["SecretId"], event["ClientRequestToken"]
    if event["Step"] == "createSecret":
        try:
            secrets.get_secret_value(SecretId=secret, VersionId=token)
        except secrets.exceptions.ResourceNotFoundException:
            secrets.put_secret_value(
                SecretId=secret, ClientRequestToken=token, SecretString="second", VersionStages=["AWSPENDING"]
            )
    if event["Step"] == os.environ.get("FAILS_IN"):
        raise ValueError("told to fail")
    if event["Step"] == "finishSecret":
        old = next(
            version
            for version, stages in secrets.describe_secret(SecretId=secret)["VersionIdsToStages"].items()
            if "AWSCURRENT" in stages
        )
        secrets.update_secret_version_stage(
            SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=old
        )
"""


def rotated(environment: dict[str, str]) -> Resources:
    """A secret and the function that rotates it."""
    rotator = role("lambda")
    rotator["Properties"]["Policies"] = [
        {
            "PolicyName": "rotate",
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}],
            },
        }
    ]
    return {
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "first"}},
        "Role": rotator,
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": att("Role"),
                "Code": {"ZipFile": ROTATE},
                "Environment": {"Variables": environment},
            },
        },
        "Schedule": {
            "Type": "AWS::SecretsManager::RotationSchedule",
            "Properties": {
                "SecretId": ref("Secret"),
                "RotationLambdaARN": att("Function"),
                "RotationRules": {"AutomaticallyAfterDays": 30},
                "RotateImmediatelyOnUpdate": False,
            },
        },
    }


def test_rotating_a_secret_runs_its_function_for_each_step(aws: LocalAws) -> None:
    with stack(aws, REGION, rotated({})) as made:
        secrets, secret = aws.client("secretsmanager", REGION), made.ids["Secret"]
        assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "first"
        asked = secrets.rotate_secret(SecretId=secret)
        until(lambda: secrets.get_secret_value(SecretId=secret)["SecretString"] == "second", "the new value")
        assert secrets.get_secret_value(SecretId=secret)["VersionId"] == asked["VersionId"]


def test_a_rotation_that_fails_leaves_the_secret_as_it_was(aws: LocalAws) -> None:
    with stack(aws, REGION, rotated({"FAILS_IN": "testSecret"})) as made:
        secrets, secret = aws.client("secretsmanager", REGION), made.ids["Secret"]
        asked = secrets.rotate_secret(SecretId=secret)
        log = aws.log_file
        until(lambda: f"Rotation of {secret} failed in testSecret" in log.read_text(), "the failure in the log")
        assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "first"
        pending = secrets.get_secret_value(SecretId=secret, VersionId=asked["VersionId"])
        assert pending["VersionStages"] == ["AWSPENDING"]
        cancelled = secrets.cancel_rotate_secret(SecretId=secret)
        assert cancelled["VersionId"] == asked["VersionId"]
        assert not secrets.describe_secret(SecretId=secret)["RotationEnabled"]


def test_what_can_not_be_rotated_is_refused(aws: LocalAws) -> None:
    secrets = aws.client("secretsmanager", REGION)
    plain = secrets.create_secret(Name="plain", SecretString="first")["ARN"]
    with pytest.raises(ClientError, match="No Lambda rotation function"):
        secrets.rotate_secret(SecretId=plain)
    for refused in (secrets.rotate_secret, secrets.cancel_rotate_secret):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            refused(SecretId="no-such-secret")


def errors_of(function: Any) -> dict[str, Any]:
    """An alarm on the errors of one function."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Dimensions": [{"Name": "FunctionName", "Value": function}],
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        },
    }


def state(aws: LocalAws, name: str) -> str:
    found = aws.client("cloudwatch", REGION).describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return str(found["StateValue"])


def test_a_function_that_fails_raises_its_own_alarm_and_no_other(aws: LocalAws) -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": att("Role"),
            "Code": {"ZipFile": "def handler(event, context): raise ValueError('told to fail')"},
        },
    }
    resources = {
        "Role": role("lambda"),
        "Function": function,
        "Own": errors_of(ref("Function")),
        "Other": errors_of("another-function"),
    }
    with stack(aws, REGION, resources) as made:
        aws.client("lambda", REGION).invoke(FunctionName=made.ids["Function"])
        until(lambda: state(aws, made.ids["Own"]) == "ALARM", "the alarm")
        assert state(aws, made.ids["Other"]) == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    ("comparison", "value", "expected"),
    [
        ("GreaterThanThreshold", 5.0, "OK"),
        ("GreaterThanThreshold", 5.1, "ALARM"),
        ("GreaterThanOrEqualToThreshold", 5.0, "ALARM"),
        ("LessThanThreshold", 5.0, "OK"),
        ("LessThanOrEqualToThreshold", 5.0, "ALARM"),
    ],
)
def test_an_alarm_compares_its_metric_as_it_says(aws: LocalAws, comparison: str, value: float, expected: str) -> None:
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "Namespace": "Own",
            "MetricName": f"{comparison}{value}",
            "ExtendedStatistic": "p99",
            "EvaluationPeriods": 1,
            "Period": 60,
            "Threshold": 5,
            "ComparisonOperator": comparison,
        },
    }
    with stack(aws, REGION, {SUBJECT: alarm}) as made:
        data = [{"MetricName": f"{comparison}{value}", "Value": value}]
        aws.client("cloudwatch", REGION).put_metric_data(Namespace="Own", MetricData=data)
        assert state(aws, made.ids[SUBJECT]) == expected
        cloudwatch = aws.client("cloudwatch", REGION)
        history = cloudwatch.describe_alarm_history(AlarmName=made.ids[SUBJECT], HistoryItemType="StateUpdate")
        assert any(expected in item["HistorySummary"] for item in history["AlarmHistoryItems"])
