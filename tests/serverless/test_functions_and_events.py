"""The functions of a region: what each may do, how it is called, and where what fails waits."""

from __future__ import annotations

import json
import re
from typing import Any

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import as_list, role_statements, text

PACKAGES = {"process_object", "process_alarm", "process_config_change", "api"}
ISOLATED = {"process_object", "api"}
# Every action of every function, apart from writing its log, its trace and its network interfaces.
MAY = {
    "process_object": {
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:ListBucket",
        "s3:ListBucketVersions",
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "events:PutEvents",
    },
    "process_alarm": {"sns:Publish", "sqs:SendMessage", "kms:Decrypt", "kms:GenerateDataKey"},
    "process_config_change": {
        "sns:Publish",
        "sqs:SendMessage",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "cloudtrail:LookupEvents",
    },
    "api": {
        "s3:GetObject",
        "s3:PutObject",
        "s3:ListBucket",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "kms:Decrypt",
        "kms:GenerateDataKey",
    },
}
FROM_QUEUE = {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueUrl", "sqs:DeleteMessage"}
FROM_QUEUE |= {"sqs:GetQueueAttributes"}
EVERY = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}
WITHOUT_RESOURCE = {"xray:PutTraceSegments", "xray:PutTelemetryRecords", "cloudtrail:LookupEvents"}


def functions(stack: StackTemplate) -> dict[str, tuple[str, dict[str, Any]]]:
    """The stack's own functions by package: logical id and properties."""
    return {
        found["Properties"]["Handler"].split(".")[0]: (logical_id, found["Properties"])
        for logical_id, found in stack.of_type("AWS::Lambda::Function").items()
        if found["Properties"]["Runtime"].startswith("python")
    }


def test_every_region_has_the_functions_on_python_313_and_arm(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        found = functions(stack)
        assert set(found) == PACKAGES
        for _, properties in found.values():
            assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])
            assert properties["TracingConfig"] == {"Mode": "Active"}
            assert properties["LoggingConfig"]["LogFormat"] == "JSON"
            assert "KmsKeyArn" in properties


def test_each_function_has_a_role_and_a_log_group_of_its_own(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        found = functions(stack).values()
        assert len({text(properties["Role"]) for _, properties in found}) == len(PACKAGES)
        groups = {text(properties["LoggingConfig"]["LogGroup"]).strip("${}") for _, properties in found}
        assert len(groups) == len(PACKAGES)
        for group in groups:
            properties = stack.resources[group]["Properties"]
            assert properties["RetentionInDays"] == platform.environment.log_retention_days
            assert "KmsKeyId" in properties


def test_no_function_may_do_more_than_it_does(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        for package, (_, properties) in functions(stack).items():
            role = properties["Role"]["Fn::GetAtt"][0]
            statements = role_statements(stack, role)
            actions = {action for statement in statements for action in statement["Action"]}
            allowed = MAY[package] | EVERY | (FROM_QUEUE if package != "api" else set())
            network = {action for action in actions if action.startswith("ec2:")}
            assert actions - network == allowed, package
            assert bool(network) is (package in ISOLATED)
            assert "ManagedPolicyArns" not in stack.resources[role]["Properties"]
            for statement in statements:
                assert statement["Effect"] == "Allow"
                if statement["Resource"] == ["*"]:
                    assert set(statement["Action"]) <= WITHOUT_RESOURCE | network, (package, statement)


def test_a_function_in_the_network_reaches_its_own_buckets_and_tables_only(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        for package in ISOLATED:
            role = functions(stack)[package][1]["Role"]["Fn::GetAtt"][0]
            for statement in role_statements(stack, role):
                if any(action.startswith("s3:") for action in statement["Action"]):
                    named = [resource.split(":::")[1] for resource in statement["Resource"]]
                    assert all(name.startswith(("raw-data-000", "processed-data-000")) for name in named)
                    assert all(stack.region in name for name in named)


def test_functions_that_touch_data_run_in_the_network_and_the_others_outside(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        for package, (_, properties) in functions(stack).items():
            assert ("VpcConfig" in properties) is (package in ISOLATED), package
            subnets = [text(subnet) for subnet in properties.get("VpcConfig", {}).get("SubnetIds", [])]
            assert all("Isolated" in subnet for subnet in subnets), subnets


def test_isolation_is_no_matter_of_deny_statements(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        for logical_id in stack.of_type("AWS::IAM::Role"):
            assert all(statement["Effect"] == "Allow" for statement in role_statements(stack, logical_id))


def test_concurrency_is_reserved_only_where_the_file_says_so(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        for _, properties in functions(stack).values():
            assert "ReservedConcurrentExecutions" not in properties
    settings = {"objects_at_once": 20, "reserved_concurrency": {"process_object": 25, "api": 5}}
    stack = synthesise(environment(regions=1, serverless=settings)).stack(Stacks.SERVERLESS)
    reserved = {package: found.get("ReservedConcurrentExecutions") for package, (_, found) in functions(stack).items()}
    assert reserved == {"process_object": 25, "api": 5, "process_alarm": None, "process_config_change": None}


def test_queues_feed_functions_in_batches_of_which_each_message_fails_alone(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        by_id = dict(functions(stack).values())
        mappings = stack.properties("AWS::Lambda::EventSourceMapping")
        assert len(mappings) == len(PACKAGES) - 1
        for mapping in mappings:
            assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
            queue = stack.resources[mapping["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
            timeout = by_id[mapping["FunctionName"]["Ref"]]["Timeout"]
            assert queue["VisibilityTimeout"] >= 6 * timeout
            dead_letters = queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            assert stack.resources[dead_letters]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_no_function_depends_on_lambdas_own_asynchronous_queue(platform: Assembly) -> None:
    """Who could invoke one asynchronously - EventBridge, SNS, S3 - fills a queue instead."""
    for stack in platform.of(Stacks.SERVERLESS):
        for permission in stack.properties("AWS::Lambda::Permission"):
            assert permission["Principal"] == "apigateway.amazonaws.com"
            assert "SourceArn" in permission
        for subscription in stack.properties("AWS::SNS::Subscription"):
            assert subscription["Protocol"] == "sqs"


def test_what_cannot_be_delivered_waits_in_a_queue(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        rules = stack.properties("AWS::Events::Rule")
        assert len(rules) == 4
        for rule in rules:
            assert all("DeadLetterConfig" in target for target in rule["Targets"]), rule
        for subscription in stack.properties("AWS::SNS::Subscription"):
            assert "deadLetterTargetArn" in subscription["RedrivePolicy"]


def test_every_queue_is_encrypted_speaks_tls_and_admits_named_senders(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        policies = stack.properties("AWS::SQS::QueuePolicy")
        for logical_id, queue in stack.of_type("AWS::SQS::Queue").items():
            assert "KmsMasterKeyId" in queue["Properties"]
            statements = [
                statement
                for policy in policies
                if {"Ref": logical_id} in policy["Queues"]
                for statement in policy["PolicyDocument"]["Statement"]
            ]
            denied = [found for found in statements if found["Effect"] == "Deny"]
            assert [found["Condition"] for found in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]
            for statement in statements:
                if statement["Effect"] == "Allow":
                    assert statement["Principal"].keys() == {"Service"}
                    assert re.search("aws:Source(Arn|Account)", json.dumps(statement["Condition"]))


def test_the_alarm_topic_has_one_subscriber_and_its_path_reports_past_itself(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        (subscription,) = stack.properties("AWS::SNS::Subscription")
        assert "AlarmTopic" in text(subscription["TopicArn"])
        assert subscription["RawMessageDelivery"] is True
        watched = 0
        for alarm in stack.properties("AWS::CloudWatch::Alarm"):
            topics = {text(action) for action in alarm.get("AlarmActions", [])}
            if "AlarmProcessor" in alarm["AlarmName"]:
                watched += 1
                assert all("AlertTopic" in topic for topic in topics), alarm["AlarmName"]
            else:
                assert all("AlarmTopic" in topic for topic in topics), alarm["AlarmName"]
        assert watched >= 2


def test_topics_admit_exactly_their_publishers(platform: Assembly) -> None:
    publishers = {
        "NotificationTopic": {"events.amazonaws.com", "cloudwatch.amazonaws.com"},
        "AlertTopic": {"events.amazonaws.com", "cloudwatch.amazonaws.com"},
        "AlarmTopic": {"cloudwatch.amazonaws.com"},
    }
    for stack in platform.of(Stacks.SECURITY):
        for logical_id, topic in stack.of_type("AWS::SNS::Topic").items():
            assert "KmsMasterKeyId" in topic["Properties"]
            (statements,) = (
                policy["PolicyDocument"]["Statement"]
                for policy in stack.properties("AWS::SNS::TopicPolicy")
                if {"Ref": logical_id} in policy["Topics"]
            )
            allowed = [statement for statement in statements if statement["Effect"] == "Allow"]
            name = next(name for name in publishers if topic["Properties"]["TopicName"].endswith(name))
            services = {service for statement in allowed for service in as_list(statement["Principal"]["Service"])}
            assert services == publishers[name], name
            # EventBridge, told by CDK, is the one that names no account: see tests/platform/test_policies.py.
            open_to = [found for found in allowed if "aws:SourceAccount" not in json.dumps(found.get("Condition"))]
            assert all(found["Principal"] == {"Service": "events.amazonaws.com"} for found in open_to), name


def test_subscribers_come_from_the_file_and_what_they_miss_is_kept() -> None:
    assert not synthesise(environment(regions=1)).stack(Stacks.SECURITY).of_type("AWS::SNS::Subscription")
    subscribers = [
        {"topic": "alerts", "protocol": "email", "endpoint": "oncall@acme.example"},
        {"topic": "notifications", "protocol": "https", "endpoint": "https://hook.acme.example/x"},
        {"topic": "notifications", "protocol": "sqs", "endpoint": "arn:aws:sqs:us-east-1:000000000000:audit"},
    ]
    for stack in synthesise(environment(regions=2, subscriptions=subscribers)).of(Stacks.SECURITY):
        found = {
            (properties["Protocol"], properties["Endpoint"], text(properties["TopicArn"])[2:7])
            for properties in stack.properties("AWS::SNS::Subscription")
        }
        assert found == {
            (wanted["protocol"], wanted["endpoint"], "Alert" if wanted["topic"] == "alerts" else "Notif")
            for wanted in subscribers
        }
        assert all("RedrivePolicy" in one for one in stack.properties("AWS::SNS::Subscription"))


def test_the_requests_that_are_remembered_need_no_stream_and_no_index(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        (table,) = stack.properties("AWS::DynamoDB::GlobalTable")
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expiration", "Enabled": True}
        assert len(table["Replicas"]) == 1
        assert not table.keys() & {"StreamSpecification", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"}
