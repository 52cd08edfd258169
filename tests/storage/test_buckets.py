"""The buckets of every region: what each is, and what it may never be."""

import itertools
from typing import Any

import pytest

from configuration.names import REPLICATED, Bucket, Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import Statement, statements_of, text

DATA = (Bucket.MAIN, Bucket.RAW_DATA, Bucket.PROCESSED_DATA, Bucket.STATIC_ASSETS)


def buckets(stack: StackTemplate) -> dict[Bucket, dict[str, Any]]:
    """The buckets of a stack by their purpose, with logical id and properties."""
    return {
        next(purpose for purpose in Bucket if found["Properties"]["BucketName"].startswith(f"{purpose}-0")): {
            "id": logical_id,
            **found,
        }
        for logical_id, found in stack.of_type("AWS::S3::Bucket").items()
    }


def policy_of(stack: StackTemplate, bucket_id: str) -> list[Statement]:
    found = [
        policy["Properties"]["PolicyDocument"]
        for policy in stack.of_type("AWS::S3::BucketPolicy").values()
        if policy["Properties"]["Bucket"] == {"Ref": bucket_id}
    ]
    assert len(found) == 1
    return statements_of(found[0])


@pytest.fixture(scope="module", params=[True, False], ids=["retained", "disposable"])
def assembly(request: pytest.FixtureRequest) -> Assembly:
    return synthesise(
        environment(
            regions=3,
            retain_data=request.param,
            storage={"glacier_after_days": 30, "expire_after_days": 200, "noncurrent_expire_after_days": 40},
        )
    )


def test_every_region_has_the_same_buckets_under_names_that_carry_account_and_region(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        expected = {Bucket.AUDIT_LOGS, *DATA} | ({Bucket.AUDIT_ARCHIVE} if assembly.environment.retain_data else set())
        found = buckets(stack)
        assert found.keys() == expected
        for purpose, bucket in found.items():
            assert bucket["Properties"]["BucketName"] == f"{purpose}-000000000000-acme-test-{stack.region}"


def test_data_is_encrypted_with_the_regions_own_key_that_rotates(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        keys = set()
        for purpose in DATA:
            (rule,) = buckets(stack)[purpose]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
            assert rule["BucketKeyEnabled"] is True
            keys.add(text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]))
        (key,) = keys
        assert f"Acme-test-Security-{stack.region}:" in key
        assert "StorageKey" in key
    for security in assembly.of(Stacks.SECURITY):
        assert all(key["EnableKeyRotation"] is True for key in security.properties("AWS::KMS::Key"))


def test_every_bucket_is_private_versioned_and_speaks_nothing_older_than_tls_1_2(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        for purpose, bucket in buckets(stack).items():
            properties = bucket["Properties"]
            assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}, purpose
            assert len(properties["PublicAccessBlockConfiguration"]) == 4, purpose
            assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], purpose
            assert properties["VersioningConfiguration"] == {"Status": "Enabled"}, purpose
            denied = [statement for statement in policy_of(stack, bucket["id"]) if statement["Effect"] == "Deny"]
            conditions = [statement["Condition"] for statement in denied if statement["Principal"] == {"AWS": "*"}]
            assert {"Bool": {"aws:SecureTransport": "false"}} in conditions, purpose
            assert {"NumericLessThan": {"s3:TlsVersion": 1.2}} in conditions, purpose


def test_every_data_bucket_logs_to_the_audit_log_bucket_which_therefore_comes_first(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        found = buckets(stack)
        audit_logs = found[Bucket.AUDIT_LOGS]["id"]
        for purpose in DATA:
            logging = found[purpose]["Properties"]["LoggingConfiguration"]
            assert logging["DestinationBucketName"] == {"Ref": audit_logs}
        # S3 may write the logs of these buckets, and of this account's only.
        writers = {
            resource.split("/", 1)[1]: statement
            for statement in policy_of(stack, audit_logs)
            if statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
            for resource in statement["Resource"]
        }
        for statement in writers.values():
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "000000000000"}
        for purpose in DATA:
            statement = writers[f"s3/{found[purpose]['Properties']['BucketName']}/*"]
            assert statement["Action"] == ["s3:PutObject"]


def test_access_logs_go_to_a_bucket_that_takes_them(assembly: Assembly) -> None:
    """Log delivery refuses a target with a customer managed key or with Object Lock."""
    for stack in assembly.of(Stacks.STORAGE):
        audit_logs = buckets(stack)[Bucket.AUDIT_LOGS]["Properties"]
        (rule,) = audit_logs["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        assert "ObjectLockEnabled" not in audit_logs
        assert "ObjectLockConfiguration" not in audit_logs


def test_objects_age_as_the_file_says(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        for purpose in (Bucket.AUDIT_LOGS, Bucket.MAIN, Bucket.RAW_DATA, Bucket.PROCESSED_DATA):
            age, markers = buckets(stack)[purpose]["Properties"]["LifecycleConfiguration"]["Rules"]
            assert age["Transitions"] == [{"StorageClass": "GLACIER", "TransitionInDays": 30}]
            assert age["ExpirationInDays"] == 200
            assert age["NoncurrentVersionExpiration"] == {"NoncurrentDays": 40}
            assert age["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
            assert markers["ExpiredObjectDeleteMarker"] is True
            assert {age["Status"], markers["Status"]} == {"Enabled"}


def test_without_settings_objects_move_to_glacier_after_90_days_and_expire_after_365() -> None:
    stack = synthesise(environment(regions=1)).stack(Stacks.STORAGE)
    age = buckets(stack)[Bucket.MAIN]["Properties"]["LifecycleConfiguration"]["Rules"][0]
    assert age["Transitions"] == [{"StorageClass": "GLACIER", "TransitionInDays": 90}]
    assert age["ExpirationInDays"] == 365


def test_an_asset_that_is_served_neither_expires_nor_becomes_unreadable(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        age = buckets(stack)[Bucket.STATIC_ASSETS]["Properties"]["LifecycleConfiguration"]["Rules"][0]
        assert age["Transitions"] == [{"StorageClass": "GLACIER_IR", "TransitionInDays": 30}]
        assert "ExpirationInDays" not in age
        assert age["NoncurrentVersionExpiration"] == {"NoncurrentDays": 200}


def test_audit_logs_are_archived_under_object_lock_where_data_is_retained() -> None:
    described = environment(
        regions=2, retain_data=True, storage={"audit_lock_days": 400, "audit_lock_mode": "compliance"}
    )
    for stack in synthesise(described).of(Stacks.STORAGE):
        found = buckets(stack)
        archive = found[Bucket.AUDIT_ARCHIVE]
        assert archive["Properties"]["ObjectLockEnabled"] is True
        retention = archive["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
        assert retention == {"Mode": "COMPLIANCE", "Days": 400}
        (rule,) = found[Bucket.AUDIT_LOGS]["Properties"]["ReplicationConfiguration"]["Rules"]
        assert rule["Destination"] == {"Bucket": {"Fn::GetAtt": [archive["id"], "Arn"]}}
        assert rule["Status"] == "Enabled"
        assert rule["Filter"] == {"Prefix": ""}
        # What is deleted from the log bucket stays in the archive.
        assert rule["DeleteMarkerReplication"] == {"Status": "Disabled"}


def test_what_becomes_of_a_bucket_follows_the_intention_and_not_the_name(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        emptied = {
            resource["Properties"]["BucketName"]["Ref"]
            for resource in stack.of_type("Custom::S3AutoDeleteObjects").values()
        }
        for bucket in buckets(stack).values():
            if assembly.environment.retain_data:
                assert bucket["DeletionPolicy"] == "RetainExceptOnCreate"
                assert bucket["UpdateReplacePolicy"] == "Retain"
                assert emptied == set()
            else:
                assert bucket["DeletionPolicy"] == "Delete"
                assert bucket["id"] in emptied


def test_cloudfront_reads_the_assets_of_this_account_and_nothing_else(assembly: Assembly) -> None:
    own = {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::000000000000:distribution/*"}}
    for stack in assembly.of(Stacks.STORAGE):
        readers = [
            (purpose, statement)
            for purpose, bucket in buckets(stack).items()
            for statement in policy_of(stack, bucket["id"])
            if statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        ]
        ((purpose, statement),) = readers
        assert purpose is Bucket.STATIC_ASSETS
        assert statement["Action"] == ["s3:GetObject"]
        assert statement["Condition"] == own
    for security in assembly.of(Stacks.SECURITY):
        decrypting = [
            statement
            for key in security.properties("AWS::KMS::Key")
            for statement in statements_of(key["KeyPolicy"])
            if statement["Principal"] == {"Service": "cloudfront.amazonaws.com"}
        ]
        assert [(statement["Action"], statement["Condition"]) for statement in decrypting] == [(["kms:Decrypt"], own)]


def test_objects_that_do_not_reach_the_partner_are_told_to_a_queue_that_is_watched(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        (queue_id,) = stack.of_type("AWS::SQS::Queue")
        (policy_id,) = stack.of_type("AWS::SQS::QueuePolicy")
        found = buckets(stack)
        for purpose in REPLICATED:
            configuration = found[purpose]["Properties"]["NotificationConfiguration"]
            told = {row["Event"]: row["Queue"] for row in configuration["QueueConfigurations"]}
            assert told.keys() == {
                "s3:Replication:OperationFailedReplication",
                "s3:Replication:OperationMissedThreshold",
                "s3:Replication:OperationNotTracked",
            }
            assert all(queue == {"Fn::GetAtt": [queue_id, "Arn"]} for queue in told.values())
            # S3 tries the queue when the bucket is made.
            assert policy_id in found[purpose]["DependsOn"]
        senders = [
            statement
            for statement in statements_of(stack.resources[policy_id]["Properties"]["PolicyDocument"])
            if statement["Effect"] == "Allow"
        ]
        (sender,) = senders
        assert sender["Principal"] == {"Service": "s3.amazonaws.com"}
        assert sender["Action"] == ["sqs:SendMessage"]
        assert sender["Condition"]["StringEquals"] == {"aws:SourceAccount": "000000000000"}
        assert set(sender["Condition"]["ArnEquals"]["aws:SourceArn"]) == {
            f"arn:aws:s3:::{purpose}-000000000000-acme-test-{stack.region}" for purpose in REPLICATED
        }
        dimension = {"Name": "QueueName", "Value": {"Fn::GetAtt": [queue_id, "QueueName"]}}
        alarms = stack.properties("AWS::CloudWatch::Alarm")
        # That somebody hears of it is held for every alarm in tests/monitoring.
        assert len([alarm for alarm in alarms if dimension in alarm.get("Dimensions", [])]) == 1


def test_s3_may_use_the_key_of_the_queue(assembly: Assembly) -> None:
    for security in assembly.of(Stacks.SECURITY):
        (key,) = [key for key in security.properties("AWS::KMS::Key") if key["Description"].startswith("Topics")]
        admitted = [
            statement
            for statement in statements_of(key["KeyPolicy"])
            if "s3.amazonaws.com" in statement["Principal"].get("Service", [])
        ]
        actions = set(itertools.chain.from_iterable(statement["Action"] for statement in admitted))
        assert actions == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_the_raw_data_bucket_tells_the_event_bus_and_no_other_does(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.STORAGE):
        telling = {
            purpose
            for purpose, bucket in buckets(stack).items()
            if "EventBridgeConfiguration" in bucket["Properties"].get("NotificationConfiguration", {})
        }
        assert telling == {Bucket.RAW_DATA}
