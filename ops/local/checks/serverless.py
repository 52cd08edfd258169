"""The serverless part: the API by signed calls, alarms and compliance told to people, events twice and out of order."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError

from configuration import Environment
from configuration.names import Bucket, Stacks, Topic
from local_aws.environment import SECRET_KEY
from ops.client.api import Api, ApiError, send
from ops.client.signature import Call
from ops.local.check import Check, CheckFailedError, Context
from ops.local.mailbox import Body, listening, topic_arn
from ops.local.stacks import StackRef, resources_of
from ops.redrive import SOURCES, Found, redrive

_ORDERS = b"id,amount\n1,2.50\n2,3.75\n"
_OBJECTS = 15
_PROCESSED, _REJECTED = "PROCESSED", "REJECTED"
_FINAL = {_PROCESSED, _REJECTED}


def checks(environment: Environment) -> Iterator[Check]:
    """The checks of every region."""
    for region in environment.regions:
        yield SignedCallsAreAnswered(region.name)
        yield OtherCallsAreRefused(region.name)
        yield AlarmsAreTold(region.name)
        yield ComplianceIsTold(region.name)
        yield EventsMayComeTwiceAndOutOfOrder(region.name)
        yield EveryObjectIsAccountedFor(region.name)


@dataclass(frozen=True)
class _Check:
    """What all of these have in common."""

    region: str
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])


@dataclass(frozen=True)
class SignedCallsAreAnswered(_Check):
    """An object goes in through the API both ways, and its status and result come out."""

    @property
    def name(self) -> str:
        """The region and what is shown."""
        return f"{self.region} API takes objects and gives results"

    def run(self, context: Context) -> str:
        """Put a small and an uploaded object, wait for both, read the result."""
        api = _api(context, self.region)
        folder = f"api/{self.run_id}"
        small, uploaded = f"{folder}/small orders.csv", f"{folder}/uploaded.csv"
        once, twice = (api.put(small, _ORDERS, repeatable_as=self.run_id) for _ in range(2))
        if once != twice:
            raise CheckFailedError(f"the same request was answered differently: {once}, {twice}")
        api.upload(uploaded, _ORDERS, content_type="text/csv")
        for key in (small, uploaded):
            _until_processed(context, api, key)
            _, data = send(Call("GET", api.result(key)["data"]["url"]), {})
            if json.loads(data.splitlines()[0]) != {"id": "1", "amount": "2.50"}:
                raise CheckFailedError(f"the result of {key} is {data[:200]!r}")
        listed = [entry["key"] for entry in api.objects(folder)]
        if listed != [small, uploaded]:
            raise CheckFailedError(f"the API lists {listed}")
        return "a small object (sent twice, put once) and an upload by a signed address, both processed and read back"


@dataclass(frozen=True)
class OtherCallsAreRefused(_Check):
    """Without a signature nobody gets in; with a wrong one neither, where signatures are verified."""

    @property
    def name(self) -> str:
        """The region and what is shown."""
        return f"{self.region} API refuses unsigned and wrongly signed calls"

    def run(self, context: Context) -> str:
        """Call every way that must not work."""
        url = _url(context, self.region)
        status, _ = send(Call("GET", f"{url}/objects"), {})
        if status != 403:
            raise CheckFailedError(f"an unsigned call was answered with {status}")
        if not _signatures_are_verified(context, self.region):
            return "unsigned: 403; signatures themselves are verified only with IAM enforced"
        wrong = Api(url, ReadOnlyCredentials(context.target.account, "wrong", None), region=self.region)
        try:
            wrong.call("GET", "/objects")
        except ApiError as error:
            if error.status != 403:
                raise CheckFailedError(f"a wrongly signed call: {error}") from error
            return "unsigned: 403, wrongly signed: 403"
        raise CheckFailedError("a wrongly signed call was answered")


@dataclass(frozen=True)
class AlarmsAreTold(_Check):
    """A critical alarm reaches the alert topic, a warning the notification topic, both in plain words."""

    @property
    def name(self) -> str:
        """The region and what is shown."""
        return f"{self.region} alarms are told by severity"

    def run(self, context: Context) -> str:
        """Say what CloudWatch would say, and listen to both topics."""
        topic = topic_arn(context, self.region, Topic.ALARM)
        for severity, told_to in (("critical", Topic.ALERT), ("warning", Topic.NOTIFICATION)):
            name = f"check-{severity}-{self.run_id}"
            alarm = {
                "AlarmName": name,
                "AlarmDescription": f"This is a check.\nSeverity: {severity}\nRunbook: docs/runbooks/dead-letters.md",
                "NewStateValue": "ALARM",
                "OldStateValue": "OK",
                "NewStateReason": "Threshold Crossed",
            }
            with listening(context, self.region, told_to, name) as mailbox:
                context.client("sns", self.region).publish(TopicArn=topic, Message=json.dumps(alarm))
                told = mailbox.find(context, f"the message about {name}", _about(name))
            if not told["Message"].startswith("This is a check.") or "dead-letters.md" not in told["Message"]:
                raise CheckFailedError(f"{name} was told as {told['Message']!r}")
        return "critical to the alert topic, warning to the notification topic, with meaning and runbook"


@dataclass(frozen=True)
class ComplianceIsTold(_Check):
    """A resource that breaks a rule of Config is named to people."""

    @property
    def name(self) -> str:
        """The region and what is shown."""
        return f"{self.region} changes of compliance are told"

    def run(self, context: Context) -> str:
        """Put Config's event where EventBridge puts it: the local AWS takes events of AWS's own from nobody."""
        rule = f"check-{self.run_id}"
        detail = {
            "messageType": "ComplianceChangeNotification",
            "configRuleName": rule,
            "resourceType": "AWS::S3::Bucket",
            "resourceId": "a-bucket",
            "awsRegion": self.region,
            "awsAccountId": context.target.account,
            "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
        }
        event = {"source": "aws.config", "detail-type": "Config Rules Compliance Change", "detail": detail}
        queue = _queue(context, self.region, "ConfigChangeProcessorMessagesQueue")
        with listening(context, self.region, Topic.NOTIFICATION, rule) as mailbox:
            context.client("sqs", self.region).send_message(QueueUrl=queue, MessageBody=json.dumps(event))
            told = mailbox.find(context, f"the message about {rule}", _about(rule))
        return str(told["Message"].splitlines()[0])


@dataclass(frozen=True)
class EventsMayComeTwiceAndOutOfOrder(_Check):
    """Events that come again, the older one last, change nothing."""

    @property
    def name(self) -> str:
        """The region and what is shown."""
        return f"{self.region} events may come twice and out of order"

    def run(self, context: Context) -> str:
        """Put two versions, send their events again in the wrong order, and compare what is known."""
        bucket = context.environment.names.bucket(Bucket.RAW_DATA, self.region)
        key = f"twice/{self.run_id}.csv"
        s3 = context.client("s3", self.region)
        first, second = (
            s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"] for content in (_ORDERS, _ORDERS * 2)
        )
        items = {version: _settled(context, self.region, bucket, key, version) for version in (first, second)}
        latest = context.until("the item of the latest version", lambda: self._latest(context, bucket, key, second))
        queue = _queue(context, self.region, "ObjectProcessorQueue")
        for version in (second, first, second, first):
            body = json.dumps(_event(bucket, key, version, items[version]["sequencer"]["S"]))
            context.client("sqs", self.region).send_message(QueueUrl=queue, MessageBody=body)
        marker = f"twice/{self.run_id}-marker.csv"
        last = s3.put_object(Bucket=bucket, Key=marker, Body=_ORDERS)["VersionId"]
        _settled(context, self.region, bucket, marker, last)
        context.until("the queue to be worked off", lambda: _is_empty(context, self.region, queue))
        again = {version: _item(context, self.region, bucket, key, version) for version in (first, second)}
        if again != items or self._latest(context, bucket, key, second) != latest:
            raise CheckFailedError(f"events that came again changed the catalogue: {items} became {again}")
        return "two versions, four more events in the wrong order: nothing changed, the newest stays the latest"

    def _latest(self, context: Context, bucket: str, key: str, version: str) -> Body | None:
        item = _item(context, self.region, bucket, key, "latest")
        return item if item and item["version_id"]["S"] == version else None


@dataclass(frozen=True)
class EveryObjectIsAccountedFor(_Check):
    """Many objects at once, a third of them bad: each is processed, or waits with its reason; also after a redrive."""

    @property
    def name(self) -> str:
        """The region and what is shown."""
        return f"{self.region} every object is accounted for, also after a redrive"

    def run(self, context: Context) -> str:
        """Put them, wait for all, redrive the dead letters and count again."""
        bucket = context.environment.names.bucket(Bucket.RAW_DATA, self.region)
        versions = {}
        for number in range(_OBJECTS):
            key = f"many/{self.run_id}/{number:04}.csv"
            content = b"a,b\n1\n" if number % 3 == 0 else _ORDERS
            answer = context.client("s3", self.region).put_object(Bucket=bucket, Key=key, Body=content)
            versions[key] = answer["VersionId"]
        before = self._counts(context, bucket, versions)
        dead_letters = Found(
            self.region,
            SOURCES[0],
            _queue(context, self.region, SOURCES[0].dead_letters),
            _queue(context, self.region, "ObjectProcessorQueue"),
            0,
        )
        moved = redrive(dead_letters, context.client, progress=lambda _: None)
        after = self._counts(context, bucket, versions)
        if not before == after == {_PROCESSED: _OBJECTS * 2 // 3, _REJECTED: _OBJECTS - _OBJECTS * 2 // 3}:
            raise CheckFailedError(f"{_OBJECTS} objects in, accounted for {before}, after the redrive {after}")
        return f"{_OBJECTS} in, {before[_PROCESSED]} processed, {before[_REJECTED]} refused; {moved} messages redriven"

    def _counts(self, context: Context, bucket: str, versions: dict[str, str]) -> dict[str, int]:
        counts = {_PROCESSED: 0, _REJECTED: 0}
        for key, version in versions.items():
            counts[_settled(context, self.region, bucket, key, version)["status"]["S"]] += 1
        return counts


def _api(context: Context, region: str) -> Api:
    credentials = ReadOnlyCredentials(context.target.account, SECRET_KEY, None)
    return Api(_url(context, region), credentials, region=region)


def _url(context: Context, region: str) -> str:
    """The API in the form in which the local AWS answers it."""
    for resource in resources_of(context.target, _stack(context, region)):
        if resource["ResourceType"] == "AWS::ApiGateway::RestApi":
            return f"{context.target.endpoint}/restapis/{resource['PhysicalResourceId']}/v1/_user_request_"
    raise CheckFailedError(f"{_stack(context, region).name} has no API")


def _stack(context: Context, region: str) -> StackRef:
    return StackRef(region, context.environment.names.stack(Stacks.SERVERLESS, region))


def _queue(context: Context, region: str, beginning: str) -> str:
    for resource in resources_of(context.target, _stack(context, region)):
        if resource["ResourceType"] == "AWS::SQS::Queue" and resource["LogicalResourceId"].startswith(beginning):
            return str(resource["PhysicalResourceId"])
    raise CheckFailedError(f"{_stack(context, region).name} has no queue {beginning}")


def _signatures_are_verified(context: Context, region: str) -> bool:
    client: Any = boto3.client(
        "sts",
        region_name=region,
        endpoint_url=context.target.endpoint,
        aws_access_key_id=context.target.account,
        aws_secret_access_key="wrong",  # noqa: S106 - that is the point
        config=Config(proxies={}, retries={"max_attempts": 1}),
    )
    try:
        client.get_caller_identity()
    except ClientError:
        return True
    return False


def _until_processed(context: Context, api: Api, key: str) -> None:
    def probe() -> bool | None:
        try:
            status = api.status(key)["status"]
        except ApiError as error:
            if error.status == 404:
                return None
            raise CheckFailedError(str(error)) from error
        if status in _FINAL - {_PROCESSED}:
            raise CheckFailedError(f"{key} is {status}")
        return True if status == _PROCESSED else None

    context.until(f"{key} to be processed", probe)


def _item(context: Context, region: str, bucket: str, key: str, version: str) -> Body | None:
    answer = context.client("dynamodb", region).get_item(
        TableName=context.environment.names.catalogue_table,
        Key={"object": {"S": f"{bucket}/{key}"}, "version": {"S": version}},
        ConsistentRead=True,
    )
    item: Body | None = answer.get("Item")
    return item


def _settled(context: Context, region: str, bucket: str, key: str, version: str) -> Body:
    """The item of a version once it is final and told."""

    def probe() -> Body | None:
        item = _item(context, region, bucket, key, version)
        return item if item and item["status"]["S"] in _FINAL and item["notified"]["BOOL"] else None

    return context.until(f"{key} to be processed or refused", probe)


def _is_empty(context: Context, region: str, queue: str) -> bool | None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = context.client("sqs", region).get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return True if all(found[name] == "0" for name in names) else None


def _event(bucket: str, key: str, version: str, sequencer: str) -> Body:
    return {
        "id": str(uuid.uuid4()),
        "source": "aws.s3",
        "detail-type": "Object Created",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "detail": {
            "bucket": {"name": bucket},
            "object": {"key": key, "version-id": version, "sequencer": sequencer},
        },
    }


def _about(name: str) -> Callable[[Body], bool]:
    return lambda body: name in str(body.get("Message", ""))
