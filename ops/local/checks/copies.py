"""What each region keeps for the others: objects, catalogue items and the database's secret."""

import functools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from configuration import Environment
from configuration.names import Bucket
from ops.local.check import Check, CheckFailedError, Context

_BUCKETS = (Bucket.MAIN, Bucket.PROCESSED_DATA, Bucket.STATIC_ASSETS)
"""Whatever is put into the raw-data bucket would be processed; the pipeline's own checks put there."""


def checks(environment: Environment) -> Iterator[Check]:
    """Each region's objects and items, and the secret, as the other regions have them."""
    for region in environment.regions:
        partner = environment.partner_of(region)
        if partner:
            yield ObjectsReachThePartner(region.name, partner.name)
        others = tuple(other.name for other in environment.others_than(region))
        if others:
            yield ItemReachesEveryRegion(region.name, others)
    yield SecretRotatesAndIsCopied(environment.rotation_region.name)


@dataclass(frozen=True)
class ObjectsReachThePartner:
    """What is put into a region's buckets is in the partner's, and is deleted there too."""

    region: str
    partner: str

    @property
    def name(self) -> str:
        """Both regions."""
        return f"{self.region} objects are replicated to {self.partner}"

    def run(self, context: Context) -> str:
        """Put an object into each bucket, find it at the partner's, delete it, and find it gone there."""
        for purpose in _BUCKETS:
            self._follow_an_object(context, purpose)
        return f"{len(_BUCKETS)} objects and their deletions"

    def _follow_an_object(self, context: Context, purpose: Bucket) -> None:
        names = context.environment.names
        source, copy = names.bucket(purpose, self.region), names.bucket(purpose, self.partner)
        here, there = context.client("s3", self.region), context.client("s3", self.partner)
        key, body = f"checks/{uuid.uuid4().hex}", uuid.uuid4().bytes
        here.put_object(Bucket=source, Key=key, Body=body)
        if context.until(f"s3://{copy}/{key}", lambda: _read(there, copy, key)) != body:
            raise CheckFailedError(f"s3://{copy}/{key} is not what was put into {source}")
        here.delete_object(Bucket=source, Key=key)
        context.until(f"the deletion of s3://{copy}/{key}", lambda: _read(there, copy, key) is None or None)


@dataclass(frozen=True)
class ItemReachesEveryRegion:
    """What a region writes into the catalogue the others read."""

    region: str
    others: tuple[str, ...]

    @property
    def name(self) -> str:
        """The region that writes."""
        return f"{self.region} catalogue's item is in every region"

    def run(self, context: Context) -> str:
        """Write an item, read it in every other region, delete it, and find it gone there."""
        table = context.environment.names.catalogue_table
        key = {"object": {"S": f"checks/{uuid.uuid4().hex}"}, "version": {"S": "check"}}
        here = context.client("dynamodb", self.region)
        there = {region: context.client("dynamodb", region) for region in self.others}
        here.put_item(TableName=table, Item={**key, "region": {"S": self.region}})
        for region, client in there.items():
            context.until(f"the item in {region}", functools.partial(_item, client, table, key))
        here.delete_item(TableName=table, Key=key)
        for region, client in there.items():
            context.until(f"the item's deletion in {region}", functools.partial(_no_item, client, table, key))
        return f"written here, read in {', '.join(self.others)}"


@dataclass(frozen=True)
class SecretRotatesAndIsCopied:
    """The database's secret rotates every 30 days, and every region reads the same one."""

    region: str

    @property
    def name(self) -> str:
        """The region it rotates in."""
        return f"{self.region} database secret rotates and is copied"

    def run(self, context: Context) -> str:
        """Look at the schedule, and compare what each region reads."""
        secret = context.environment.names.database_secret
        described = context.client("secretsmanager", self.region).describe_secret(SecretId=secret)
        rules = described.get("RotationRules", {})
        if not described.get("RotationEnabled") or rules not in _EVERY_30_DAYS:
            raise CheckFailedError(f"the secret does not rotate every 30 days: {rules}")
        values = {
            region.name: context.client("secretsmanager", region.name).get_secret_value(SecretId=secret)["SecretString"]
            for region in context.environment.regions
        }
        different = [region for region, value in values.items() if value != values[self.region]]
        if different:
            raise CheckFailedError(f"{', '.join(different)} read another secret than {self.region}")
        return f"by {described['RotationLambdaARN'].rpartition(':')[2]}, read alike in {len(values)} regions"


_EVERY_30_DAYS = ({"ScheduleExpression": "rate(30 days)"}, {"AutomaticallyAfterDays": 30})
"""The two ways in which a schedule says so."""


def _read(s3: Any, bucket: str, key: str) -> bytes | None:
    try:
        found: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise
        return None
    return found


def _item(dynamodb: Any, table: str, key: dict[str, Any]) -> Any:
    return dynamodb.get_item(TableName=table, Key=key).get("Item")


def _no_item(dynamodb: Any, table: str, key: dict[str, Any]) -> bool | None:
    return _item(dynamodb, table, key) is None or None


_MISSING = {"404", "NoSuchKey"}
