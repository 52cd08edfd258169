"""The checks of what regions keep for each other, against a local AWS that does or does not keep it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws.process import LocalAws
from ops.local.check import CheckFailedError, Context
from ops.local.checks import copies
from ops.local.target import Target
from tests.synthesis import environment

ENVIRONMENT = environment(regions=2)
HOME, OTHER = (region.name for region in ENVIRONMENT.regions)
NAMES = ENVIRONMENT.names


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws(account=ENVIRONMENT.account) as running:
        yield running


@pytest.fixture
def context(aws: LocalAws) -> Iterator[Context]:
    target = Target(endpoint=aws.endpoint, account=ENVIRONMENT.account)
    with Context(environment=ENVIRONMENT, target=target, patience_seconds=1.0) as opened:
        yield opened


@pytest.fixture
def buckets(context: Context) -> Iterator[None]:
    """Every bucket that is looked at, versioned, without any rule."""
    for region in (HOME, OTHER):
        s3 = context.client("s3", region)
        for purpose in copies._BUCKETS:
            placed = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            s3.create_bucket(Bucket=NAMES.bucket(purpose, region), **placed)
            s3.put_bucket_versioning(
                Bucket=NAMES.bucket(purpose, region), VersioningConfiguration={"Status": "Enabled"}
            )
    yield
    for region in (HOME, OTHER):
        s3 = context.client("s3", region)
        for purpose in copies._BUCKETS:
            bucket = NAMES.bucket(purpose, region)
            listed = s3.list_object_versions(Bucket=bucket)
            for version in [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]:
                s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
            s3.delete_bucket(Bucket=bucket)


def replicate(context: Context, *, deletions: str) -> None:
    for purpose in copies._BUCKETS:
        rule: dict[str, Any] = {
            "ID": "ToPartner",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": deletions},
            "Destination": {"Bucket": f"arn:aws:s3:::{NAMES.bucket(purpose, OTHER)}"},
        }
        context.client("s3", HOME).put_bucket_replication(
            Bucket=NAMES.bucket(purpose, HOME),
            ReplicationConfiguration={"Role": f"arn:aws:iam::{ENVIRONMENT.account}:role/r", "Rules": [rule]},
        )


@pytest.mark.usefixtures("buckets")
def test_objects_that_are_replicated_pass(context: Context) -> None:
    replicate(context, deletions="Enabled")
    assert copies.ObjectsReachThePartner(HOME, OTHER).run(context) == "3 objects and their deletions"


@pytest.mark.usefixtures("buckets")
def test_objects_that_stay_where_they_are_put_are_found(context: Context) -> None:
    with pytest.raises(CheckFailedError, match=f"in vain for s3://data-.*{OTHER}/checks/"):
        copies.ObjectsReachThePartner(HOME, OTHER).run(context)


@pytest.mark.usefixtures("buckets")
def test_a_deletion_that_is_not_replicated_is_found(context: Context) -> None:
    replicate(context, deletions="Disabled")
    with pytest.raises(CheckFailedError, match="in vain for the deletion of s3://data-"):
        copies.ObjectsReachThePartner(HOME, OTHER).run(context)


@pytest.fixture
def table(context: Context) -> Iterator[str]:
    """The catalogue, at home only."""
    dynamodb = context.client("dynamodb", HOME)
    attributes = ("object", "version")
    dynamodb.create_table(
        TableName=NAMES.catalogue_table,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=[
            {"AttributeName": name, "KeyType": kind} for name, kind in zip(attributes, ("HASH", "RANGE"), strict=True)
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    yield NAMES.catalogue_table
    for region in (OTHER, HOME):
        client = context.client("dynamodb", region)
        if NAMES.catalogue_table in client.list_tables()["TableNames"]:
            client.delete_table(TableName=NAMES.catalogue_table)


def test_an_item_that_reaches_every_region_passes(context: Context, table: str) -> None:
    replica = {"Create": {"RegionName": OTHER}}
    context.client("dynamodb", HOME).update_table(TableName=table, ReplicaUpdates=[replica])
    assert OTHER in copies.ItemReachesEveryRegion(HOME, (OTHER,)).run(context)
    assert HOME in copies.ItemReachesEveryRegion(OTHER, (HOME,)).run(context)


def test_a_table_of_another_region_is_no_replica(context: Context, table: str) -> None:
    described = context.client("dynamodb", HOME).describe_table(TableName=table)["Table"]
    same = {key: described[key] for key in ("TableName", "AttributeDefinitions", "KeySchema")}
    context.client("dynamodb", OTHER).create_table(**same, BillingMode="PAY_PER_REQUEST")
    with pytest.raises(CheckFailedError, match=f"in vain for the item in {OTHER}"):
        copies.ItemReachesEveryRegion(HOME, (OTHER,)).run(context)


@pytest.fixture
def secret(context: Context) -> Iterator[str]:
    """The database's secret, the same in both regions, without a schedule."""
    clients = [context.client("secretsmanager", region) for region in (HOME, OTHER)]
    for client in clients:
        client.create_secret(Name=NAMES.database_secret, SecretString=json.dumps({"username": "platform"}))
    yield NAMES.database_secret
    for client in clients:
        client.delete_secret(SecretId=NAMES.database_secret, ForceDeleteWithoutRecovery=True)


def rotate(context: Context, secret: str, days: int) -> None:
    context.client("secretsmanager", HOME).rotate_secret(
        SecretId=secret,
        RotationLambdaARN=f"arn:aws:lambda:{HOME}:{ENVIRONMENT.account}:function:rotate",
        RotationRules={"AutomaticallyAfterDays": days},
        RotateImmediately=False,
    )


def test_a_secret_that_rotates_and_is_copied_passes(context: Context, secret: str) -> None:
    rotate(context, secret, 30)
    assert copies.SecretRotatesAndIsCopied(HOME).run(context) == "by rotate, read alike in 2 regions"


def test_a_secret_that_never_rotates_is_found(context: Context, secret: str) -> None:
    with pytest.raises(CheckFailedError, match="does not rotate every 30 days"):
        copies.SecretRotatesAndIsCopied(HOME).run(context)


def test_a_secret_that_rotates_too_seldom_is_found(context: Context, secret: str) -> None:
    rotate(context, secret, 90)
    with pytest.raises(CheckFailedError, match="does not rotate every 30 days"):
        copies.SecretRotatesAndIsCopied(HOME).run(context)


def test_a_region_that_reads_another_secret_is_found(context: Context, secret: str) -> None:
    rotate(context, secret, 30)
    context.client("secretsmanager", OTHER).put_secret_value(SecretId=secret, SecretString="{}")
    with pytest.raises(CheckFailedError, match=f"{OTHER} read another secret than {HOME}"):
        copies.SecretRotatesAndIsCopied(HOME).run(context)


def test_a_single_region_keeps_nothing_for_others() -> None:
    found = list(copies.checks(environment(regions=1)))
    assert [type(check) for check in found] == [copies.SecretRotatesAndIsCopied]


def test_every_region_is_looked_at() -> None:
    described = environment(regions=3)
    ways = [
        (check.region, check.partner)
        for check in copies.checks(described)
        if isinstance(check, copies.ObjectsReachThePartner)
    ]
    assert ways == [("us-east-1", "us-west-2"), ("us-west-2", "us-east-1"), ("eu-west-1", "us-east-1")]
