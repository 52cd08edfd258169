"""Objects reach the partner region, both ways, by a role that can do nothing else."""

import json
from typing import Any

import pytest

from configuration.names import REPLICATED, Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import order, role_statements, roles, text

PARTNERS = {"us-east-1": "us-west-2", "us-west-2": "us-east-1", "eu-west-1": "us-east-1"}


def bucket(purpose: str, region: str) -> str:
    return f"{purpose}-000000000000-acme-test-{region}"


def arn(purpose: str, region: str) -> str:
    return f"arn:aws:s3:::{bucket(purpose, region)}"


def calls(stack: StackTemplate, when: str) -> dict[str, dict[str, Any]]:
    """The calls that a stack's custom resources make when they are created, updated or deleted, by bucket."""
    found = [
        json.loads(text(resource["Properties"][when]))
        for resource in stack.of_type("Custom::BucketReplication").values()
    ]
    return {call["parameters"]["Bucket"]: call for call in found}


@pytest.fixture(scope="module", params=[2, 3], ids=["2-regions", "3-regions"])
def assembly(request: pytest.FixtureRequest) -> Assembly:
    return synthesise(environment(regions=request.param, storage={"replication_lag_minutes": 20}))


def test_every_region_replicates_to_its_partner_and_the_pair_to_each_other(assembly: Assembly) -> None:
    ways = set()
    for stack in assembly.of(Stacks.REPLICATION):
        for purpose in REPLICATED:
            put = calls(stack, "Create")[bucket(purpose, stack.region)]
            (rule,) = put["parameters"]["ReplicationConfiguration"]["Rules"]
            assert rule["Destination"]["Bucket"] == arn(purpose, PARTNERS[stack.region])
            ways.add((stack.region, PARTNERS[stack.region]))
    assert ways >= {("us-east-1", "us-west-2"), ("us-west-2", "us-east-1")}
    assert {source for source, _ in ways} == {region.name for region in assembly.environment.regions}


def test_a_rule_carries_deletions_changes_encryption_and_a_time_limit(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.REPLICATION):
        for call in calls(stack, "Create").values():
            assert (call["service"], call["action"]) == ("S3", "putBucketReplication")
            (rule,) = call["parameters"]["ReplicationConfiguration"]["Rules"]
            assert rule["Status"] == "Enabled"
            assert rule["Filter"] == {"Prefix": ""}
            assert rule["DeleteMarkerReplication"] == {"Status": "Enabled"}
            assert rule["SourceSelectionCriteria"] == {
                "SseKmsEncryptedObjects": {"Status": "Enabled"},
                "ReplicaModifications": {"Status": "Enabled"},
            }
            assert rule["Destination"]["ReplicationTime"] == {"Status": "Enabled", "Time": {"Minutes": 15}}
            assert rule["Destination"]["Metrics"] == {"Status": "Enabled", "EventThreshold": {"Minutes": 15}}


def test_the_copies_are_encrypted_with_a_key_that_the_partner_has(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.REPLICATION):
        partner = assembly.stack(Stacks.SECURITY, PARTNERS[stack.region])
        aliases = {
            f"arn:aws:kms:{partner.region}:000000000000:{alias['AliasName']}"
            for alias in partner.properties("AWS::KMS::Alias")
        }
        for call in calls(stack, "Create").values():
            (rule,) = call["parameters"]["ReplicationConfiguration"]["Rules"]
            assert rule["Destination"]["EncryptionConfiguration"]["ReplicaKmsKeyID"] in aliases


def test_the_destinations_are_buckets_that_the_partner_has_with_versioning(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.REPLICATION):
        partner = assembly.stack(Stacks.STORAGE, PARTNERS[stack.region])
        versioned = {
            f"arn:aws:s3:::{found['BucketName']}"
            for found in partner.properties("AWS::S3::Bucket")
            if found["VersioningConfiguration"] == {"Status": "Enabled"}
        }
        for call in calls(stack, "Create").values():
            (rule,) = call["parameters"]["ReplicationConfiguration"]["Rules"]
            assert rule["Destination"]["Bucket"] in versioned


def test_a_change_of_the_rules_is_put_again_and_their_end_removes_them(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.REPLICATION):
        created, updated, deleted = (calls(stack, when) for when in ("Create", "Update", "Delete"))
        assert created == updated
        assert deleted.keys() == created.keys()
        assert {call["action"] for call in deleted.values()} == {"deleteBucketReplication"}


def test_both_regions_buckets_stand_before_either_has_a_rule(assembly: Assembly) -> None:
    before = order(assembly)
    for stack in assembly.of(Stacks.REPLICATION):
        needed = {f"Acme-test-Storage-{stack.region}", f"Acme-test-Storage-{PARTNERS[stack.region]}"}
        assert needed <= before[stack.name]
        # Nothing waits the other way round: a plain deployment from nothing works.
        for name in needed:
            assert "Acme-test-Replication" not in "".join(before[name])


def test_the_role_can_do_all_that_replication_takes_and_nothing_else(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        (role_id,) = roles(stack, "s3.amazonaws.com")
        here, there = stack.region, PARTNERS[stack.region]
        sources = {arn(purpose, here) for purpose in REPLICATED}
        targets = {arn(purpose, there) for purpose in REPLICATED}
        allowed: dict[frozenset[str], set[str]] = {}
        for statement in role_statements(stack, role_id):
            assert statement["Effect"] == "Allow"
            allowed[frozenset(statement["Resource"])] = set(statement["Action"])
        keys = {
            resources: actions
            for resources, actions in allowed.items()
            if any(":kms:" in name or "Key" in name for name in resources)
        }
        buckets = {resources: actions for resources, actions in allowed.items() if resources not in keys}
        assert buckets == {
            frozenset(sources): {"s3:GetReplicationConfiguration", "s3:ListBucket"},
            frozenset(f"{name}/*" for name in sources): {
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
            },
            frozenset(f"{name}/*" for name in targets): {
                "s3:ReplicateObject",
                "s3:ReplicateDelete",
                "s3:ReplicateTags",
            },
        }
        assert sorted(map(sorted, keys.values())) == [["kms:Decrypt"], ["kms:Encrypt", "kms:GenerateDataKey"]]


def test_the_role_uses_keys_for_these_buckets_through_s3_alone(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        (role_id,) = roles(stack, "s3.amazonaws.com")
        here, there = stack.region, PARTNERS[stack.region]
        by_action = {
            action: statement for statement in role_statements(stack, role_id) for action in statement["Action"]
        }
        decrypt, encrypt = by_action["kms:Decrypt"], by_action["kms:Encrypt"]
        assert f"Acme-test-Security-{here}:" in decrypt["Resource"][0]
        assert decrypt["Condition"]["StringEquals"] == {"kms:ViaService": f"s3.{here}.amazonaws.com"}
        assert encrypt["Resource"] == [f"arn:aws:kms:{there}:000000000000:key/*"]
        assert encrypt["Condition"]["StringEquals"] == {"kms:ViaService": f"s3.{there}.amazonaws.com"}
        assert encrypt["Condition"]["ForAnyValue:StringEquals"] == {"kms:ResourceAliases": "alias/Acme-test-Storage"}
        for statement, region in ((decrypt, here), (encrypt, there)):
            contexts = set(statement["Condition"]["StringLike"]["kms:EncryptionContext:aws:s3:arn"])
            names = {arn(purpose, region) for purpose in REPLICATED}
            assert contexts == names | {f"{name}/*" for name in names}


def test_the_rules_name_the_role_and_their_writer_can_pass_no_other(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.REPLICATION):
        named = {call["parameters"]["ReplicationConfiguration"]["Role"] for call in calls(stack, "Create").values()}
        (role,) = named
        assert f"Acme-test-Storage-{stack.region}:" in role
        assert "ReplicationRole" in role
        (writer,) = roles(stack, "lambda.amazonaws.com")
        allowed = {action: statement for statement in role_statements(stack, writer) for action in statement["Action"]}
        assert allowed.keys() == {
            *("s3:PutReplicationConfiguration", "iam:PassRole"),
            *("logs:CreateLogStream", "logs:PutLogEvents"),
        }
        assert set(allowed["s3:PutReplicationConfiguration"]["Resource"]) == {
            arn(purpose, stack.region) for purpose in REPLICATED
        }
        assert allowed["iam:PassRole"]["Resource"] == [role]
        assert allowed["iam:PassRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": "s3.amazonaws.com"}}


def test_a_lag_beyond_the_files_is_an_alarm_for_every_bucket(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.REPLICATION):
        watched = {}
        for alarm in stack.properties("AWS::CloudWatch::Alarm"):
            if (alarm.get("Namespace"), alarm.get("MetricName")) == ("AWS/S3", "ReplicationLatency"):
                dimensions = {row["Name"]: row["Value"] for row in alarm["Dimensions"]}
                watched[dimensions["SourceBucket"]] = (dimensions, alarm)
        assert watched.keys() == calls(stack, "Create").keys()
        for source, (dimensions, alarm) in watched.items():
            (rule,) = calls(stack, "Create")[source]["parameters"]["ReplicationConfiguration"]["Rules"]
            assert dimensions["RuleId"] == rule["ID"]
            assert f"arn:aws:s3:::{dimensions['DestinationBucket']}" == rule["Destination"]["Bucket"]
            assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 20 * 60)
            assert "AlarmTopic" in text(alarm["AlarmActions"][0])


def test_a_single_region_has_nobody_to_replicate_to() -> None:
    assembly = synthesise(environment(regions=1))
    assert assembly.of(Stacks.REPLICATION) == ()
    (storage,) = assembly.of(Stacks.STORAGE)
    assert roles(storage, "s3.amazonaws.com") == []
    assert storage.of_type("AWS::SQS::Queue") == {}
