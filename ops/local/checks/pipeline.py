"""The data pipeline: every sample file put into a region's raw bucket arrives where it belongs."""

import contextlib
import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from configuration import Environment
from configuration.names import Bucket, Stacks, Topic
from ops.local.check import Check, CheckFailedError, Context
from ops.local.mailbox import Body, Mailbox, listening
from ops.local.stacks import StackRef, resources_of

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_REFUSED = "broken"
"""What the name of a sample begins with that no function may accept."""


def checks(environment: Environment) -> Iterator[Check]:
    """One check for each sample in each region."""
    for region in environment.regions:
        for sample in sorted(SAMPLES.iterdir()):
            if not sample.is_file():
                continue
            if sample.name.startswith(_REFUSED):
                yield SampleIsRefused(region.name, sample)
            else:
                yield SampleIsProcessed(region.name, sample)


@dataclass(frozen=True)
class SampleIsProcessed:
    """The processed objects, the item in every region's catalogue, and the notification are there."""

    region: str
    sample: Path

    @property
    def name(self) -> str:
        """Region and file."""
        return f"{self.region} {self.sample.name} is processed"

    def run(self, context: Context) -> str:
        """Wait for the notification, then hold the region's item, its replicas and the objects against the file."""
        put = _samples(context, self.region)
        key = put.keys[self.sample.name]
        told = put.notifications.find(context, f"the notification about {key}", lambda body: _tells_of(body, key))
        seconds = time.monotonic() - put.since
        detail = told["detail"]
        regions = [region.name for region in context.environment.regions]
        items = [_item(context, region, detail) for region in regions]
        checksum = hashlib.sha256(self.sample.read_bytes()).hexdigest()
        if any(item.get("sha256", {}).get("S") != checksum for item in items):
            raise CheckFailedError(f"not every catalogue's item bears the file's checksum {checksum}: {items}")
        output, summary = detail["output"], detail["summary"]
        for name in ("data", "summary"):
            self._assert_object(context, output["bucket"], output[name])
        rows = f" of {summary['rows']} rows" if summary.get("rows") else ""
        return f"{summary['kind']}{rows}, item in {len(items)} regions, notified after {seconds:.1f} s"

    def _assert_object(self, context: Context, bucket: str, key: str) -> None:
        try:
            context.client("s3", self.region).head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            raise CheckFailedError(f"the processed object s3://{bucket}/{key} is not there: {error}") from None


@dataclass(frozen=True)
class SampleIsRefused:
    """The dead-letter queue names the object and the reason."""

    region: str
    sample: Path

    @property
    def name(self) -> str:
        """Region and file."""
        return f"{self.region} {self.sample.name} is refused"

    def run(self, context: Context) -> str:
        """Wait for the message in the dead-letter queue."""
        put = _samples(context, self.region)
        key = put.keys[self.sample.name]
        refusal = put.dead_letters.find(context, f"{key} in the dead-letter queue", lambda body: _tells_of(body, key))
        reason = refusal["detail"].get("reason")
        if not reason:
            raise CheckFailedError(f"{key} is in the dead-letter queue without a reason: {json.dumps(refusal)}")
        return f"in the dead-letter queue: {reason['code']}, {reason['message']}"


@dataclass(frozen=True)
class _Put:
    """The samples as they were put into one region."""

    keys: dict[str, str]
    since: float
    notifications: Mailbox
    dead_letters: Mailbox


def _samples(context: Context, region: str) -> _Put:
    """The samples of a region, put when the first check asks for them."""
    return context.shared((_Put, region), lambda: _put_samples(context, region))


@contextlib.contextmanager
def _put_samples(context: Context, region: str) -> Iterator[_Put]:
    # A folder of its own for each run: a platform that is kept has processed earlier ones already.
    folder = f"samples/{uuid.uuid4().hex[:12]}"
    raw = context.environment.names.bucket(Bucket.RAW_DATA, region)
    with listening(context, region, Topic.NOTIFICATION, folder.replace("/", "-"), raw=True) as notifications:
        put = _Put(
            keys={sample.name: f"{folder}/{sample.name}" for sample in SAMPLES.iterdir() if sample.is_file()},
            since=time.monotonic(),
            notifications=notifications,
            dead_letters=Mailbox(context.client("sqs", region), _dead_letters(context, region)),
        )
        for name, key in sorted(put.keys.items()):
            context.client("s3", region).upload_file(str(SAMPLES / name), raw, key)
        yield put


def _dead_letters(context: Context, region: str) -> str:
    """The address of the queue in which the processor's refusals and failures end."""
    stack = StackRef(region, context.environment.names.stack(Stacks.SERVERLESS, region))
    for resource in resources_of(context.target, stack):
        if resource["ResourceType"] == "AWS::SQS::Queue" and resource["LogicalResourceId"].startswith(_DEAD_LETTERS):
            return str(resource["PhysicalResourceId"])
    raise CheckFailedError(f"{stack.name} has no queue called {_DEAD_LETTERS}")


_DEAD_LETTERS = "ObjectProcessorDeadLetters"
"""How the logical id begins that CDK derives from the queue's path in the serverless stack."""


def _tells_of(body: Body, key: str) -> bool:
    """Whether a platform event is about an object of the raw bucket."""
    return bool(body.get("detail", {}).get("object", {}).get("key") == key)


def _item(context: Context, region: str, detail: Body) -> Any:
    """The catalogue's item of what a notification tells, as one region knows it; a replica learns of it later."""
    object_ = f"{detail['bucket']['name']}/{detail['object']['key']}"
    version = detail["object"]["version-id"]

    def probe() -> Any:
        item = context.client("dynamodb", region).get_item(
            TableName=context.environment.names.catalogue_table,
            Key={"object": {"S": object_}, "version": {"S": version}},
            ConsistentRead=True,
        )
        return item["Item"] if item.get("Item", {}).get("status", {}).get("S") == _PROCESSED else None

    return context.until(f"the catalogue's item of {object_} in {region}", probe)


_PROCESSED = "PROCESSED"
