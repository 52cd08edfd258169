"""Whatever holds data is encrypted, protected and private, in every stack; and a lapse would be found."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.protection import FORBIDDEN, RULES, Found, faults, with_fault
from tests.synthesis import Assembly, Template, environment, everything, synthesise

Plant = Callable[[Template], None]


@pytest.fixture(
    scope="module",
    params=[(regions, retain) for regions in (1, 2, 3) for retain in (True, False)],
    ids=lambda value: f"{value[0]}-{'retained' if value[1] else 'disposable'}",
)
def assembly(request: pytest.FixtureRequest) -> Assembly:
    regions, retain_data = request.param
    return synthesise(environment(regions=regions, retain_data=retain_data, database={"rotation": "own"}))


def test_everything_that_holds_data_is_protected(assembly: Assembly) -> None:
    assert faults(assembly) == []


def test_everything_that_can_be_switched_on_is_protected() -> None:
    assert faults(synthesise(everything())) == []


def test_the_provided_environments_protect_what_they_hold(provided: Assembly) -> None:
    assert faults(provided) == []


def test_nothing_holds_data_without_a_rule_for_it(assembly: Assembly) -> None:
    assert [(stack.name, logical_id) for stack, logical_id, _ in assembly.resources(*FORBIDDEN)] == []


def without(name: str) -> Plant:
    """Leave a property out."""
    return lambda resource: resource["Properties"].pop(name)


def saying(name: str, value: Any) -> Plant:
    """Say something else in a property."""
    return lambda resource: resource["Properties"].update({name: value})


def deleted(resource: Template) -> None:
    resource.update(DeletionPolicy="Delete", UpdateReplacePolicy="Delete")


def unencrypted_device(resource: Template) -> None:
    resource["Properties"]["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] = False


def amazons_key_on_device(resource: Template) -> None:
    del resource["Properties"]["LaunchTemplateData"]["BlockDeviceMappings"][0]["Ebs"]["KmsKeyId"]


def replica_without(name: str) -> Plant:
    return lambda resource: resource["Properties"]["Replicas"][1].pop(name)


def replica_with_homes_key(resource: Template) -> None:
    by_region = {replica["Region"]: replica for replica in resource["Properties"]["Replicas"]}
    by_region["us-west-2"]["SSESpecification"] = by_region["us-east-1"]["SSESpecification"]


PLANTED: list[tuple[str, Plant, str]] = [
    ("AWS::S3::Bucket", without("BucketEncryption"), "is not encrypted"),
    ("AWS::S3::Bucket", without("PublicAccessBlockConfiguration"), "does not block public access"),
    ("AWS::S3::Bucket", without("VersioningConfiguration"), "keeps no versions"),
    ("AWS::S3::Bucket", without("OwnershipControls"), "leaves the ownership"),
    ("AWS::S3::Bucket", without("LifecycleConfiguration"), "keeps uploads"),
    ("AWS::S3::Bucket", deleted, "leaves the template"),
    ("AWS::DynamoDB::GlobalTable", without("SSESpecification"), "is not encrypted"),
    ("AWS::DynamoDB::GlobalTable", replica_without("SSESpecification"), "encrypted with no key of the platform"),
    ("AWS::DynamoDB::GlobalTable", replica_with_homes_key, "encrypted with a key of us-east-1"),
    ("AWS::DynamoDB::GlobalTable", replica_without("PointInTimeRecoverySpecification"), "cannot be restored"),
    ("AWS::DynamoDB::GlobalTable", replica_without("DeletionProtectionEnabled"), "is protected from deletion"),
    ("AWS::DynamoDB::GlobalTable", deleted, "leaves the template"),
    ("AWS::RDS::DBInstance", without("KmsKeyId"), "encrypted with no key of the platform"),
    ("AWS::RDS::DBInstance", without("StorageEncrypted"), "is not encrypted"),
    ("AWS::RDS::DBInstance", without("MultiAZ"), "does not survive a zone"),
    ("AWS::RDS::DBInstance", saying("BackupRetentionPeriod", 0), "has no automated backups"),
    ("AWS::RDS::DBInstance", saying("PubliclyAccessible", True), "is public"),
    ("AWS::RDS::DBInstance", without("DeletionProtection"), "is protected from deletion"),
    ("AWS::RDS::DBInstance", without("DBParameterGroupName"), "speaks without TLS"),
    ("AWS::RDS::DBInstance", deleted, "leaves the template"),
    ("AWS::EC2::LaunchTemplate", unencrypted_device, "has a volume that is not encrypted"),
    ("AWS::EC2::LaunchTemplate", amazons_key_on_device, "encrypted with no key of the platform"),
    ("AWS::SNS::Topic", without("KmsMasterKeyId"), "encrypted with no key of the platform"),
    ("AWS::SNS::Topic", saying("KmsMasterKeyId", "alias/aws/sns"), "encrypted with no key of the platform"),
    ("AWS::SQS::Queue", without("KmsMasterKeyId"), "encrypted with no key of the platform"),
    ("AWS::Logs::LogGroup", without("KmsKeyId"), "encrypted with no key of the platform"),
    ("AWS::Logs::LogGroup", without("RetentionInDays"), "keeps events for another time"),
    ("AWS::Backup::BackupVault", without("EncryptionKeyArn"), "encrypted with no key of the platform"),
    ("AWS::Backup::BackupVault", without("LockConfiguration"), "is not locked"),
    ("AWS::Backup::BackupVault", without("AccessPolicy"), "lets recovery points be deleted"),
    ("AWS::SecretsManager::Secret", without("KmsKeyId"), "encrypted with no key of the platform"),
    ("AWS::SecretsManager::Secret", saying("SecretString", "hunter2"), "has its value in the template"),
    ("AWS::KMS::Key", without("EnableKeyRotation"), "never rotates"),
    ("AWS::KMS::Key", deleted, "leaves the template"),
]

POLICIES = {
    "AWS::S3::BucketPolicy": ("PolicyDocument", "speaks"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "takes messages without TLS"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "takes messages without TLS"),
}


@pytest.fixture(scope="module")
def sound() -> Assembly:
    return synthesise(environment(regions=2, retain_data=True))


@pytest.mark.parametrize(
    ("resource_type", "plant", "fault"),
    PLANTED,
    ids=[f"{number}: {row[0].split('::')[-1]} {row[2]}" for number, row in enumerate(PLANTED)],
)
def test_a_planted_fault_is_found(sound: Assembly, resource_type: str, plant: Plant, fault: str) -> None:
    faulty, place = with_fault(sound, resource_type, plant)
    assert [found for found in faults(faulty) if found.startswith(f"{place}: ") and fault in found], faults(faulty)


@pytest.mark.parametrize("policy_type", POLICIES)
def test_a_policy_that_denies_nothing_is_found(sound: Assembly, policy_type: str) -> None:
    document, fault = POLICIES[policy_type]

    def allow_all(resource: Template) -> None:
        resource["Properties"][document]["Statement"] = [{"Effect": "Allow", "Principal": "*", "Action": "*"}]

    faulty, _ = with_fault(sound, policy_type, allow_all)
    found = faults(faulty)
    assert [one for one in found if fault in one]
    if policy_type != "AWS::S3::BucketPolicy":
        assert [one for one in found if "takes messages from anybody" in one]


def test_a_bucket_that_would_hinder_its_own_deletion_is_found() -> None:
    disposable = synthesise(environment(regions=1))

    def of_another(resource: Template) -> None:
        resource["Properties"]["BucketName"] = {"Ref": "Another"}

    faulty, _ = with_fault(disposable, "Custom::S3AutoDeleteObjects", of_another)
    assert [one.split(": ", 1)[1] for one in faults(faulty)] == ["is not emptied, so it cannot be deleted"]


def test_a_data_bucket_with_s3s_own_key_or_without_logs_is_found(sound: Assembly) -> None:
    stack, logical_id, bucket = next(
        row for row in sound.resources("AWS::S3::Bucket") if row[2]["Properties"]["BucketName"].startswith("raw-data-")
    )
    weak = {
        **bucket["Properties"],
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
        "LoggingConfiguration": {},
    }
    found = list(RULES["AWS::S3::Bucket"](Found(sound, stack, logical_id, {**bucket, "Properties": weak})))
    assert found == ["is not encrypted with a customer managed key", "logs no accesses"]


def test_a_volume_of_its_own_would_need_a_key_and_a_snapshot(sound: Assembly) -> None:
    """None stands in the platform; its rule waits for the first."""
    stack = sound.stacks[0]
    bare = {"Type": "AWS::EC2::Volume", "Properties": {}}
    found = list(RULES["AWS::EC2::Volume"](Found(sound, stack, "Volume", bare)))
    assert [fault.split(":")[0] for fault in found] == [
        "is not encrypted",
        "the volume is encrypted with no key of the platform",
        "leaves the template and its data becomes (None, None), not ('Snapshot', 'Snapshot')",
    ]


def test_every_rule_has_been_seen_to_fail() -> None:
    assert {row[0] for row in PLANTED} | {"AWS::EC2::Volume"} == RULES.keys()
