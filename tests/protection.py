"""What the rules demand of everything that holds data: a reader of all templates that names what lacks it.

Each rule yields what is wrong with one resource, in words. Encryption means a customer managed key of the platform,
whichever stack it stands in: a reference is followed to the key itself, so a key that was deleted, renamed or belongs
to another region is found too.
"""

import copy
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

from configuration.names import Bucket
from tests.synthesis import Assembly, StackTemplate, Template
from tests.template_reading import Statement, as_list, statements_of, text

Rule = Callable[["Found"], Iterator[str]]

WRITTEN_BY_AWS = {
    # Log delivery of S3 and of CloudFront's standard logs knows S3's own keys alone, and the archive's replicas keep
    # the encryption of what they are copies of.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    Bucket.AUDIT_LOGS,
    Bucket.AUDIT_ARCHIVE,
    Bucket.CDN_LOGS,
    Bucket.ARTIFACT_LOGS,
}
"""The buckets that AWS delivers logs to. They are encrypted with S3's own keys and log no accesses of their own."""

WITHOUT_ACCESS_LOGS = WRITTEN_BY_AWS | {Bucket.TRAIL}
"""The buckets whose accesses are in no access log: they hold logs, and the trail's is older than any log bucket."""

WITH_S3S_KEY = WRITTEN_BY_AWS | {Bucket.SWITCHES}
"""The buckets that are encrypted with S3's own keys: a switch, which has no content, must not wait for a key."""

_INSECURE = {"Bool": {"aws:SecureTransport": "false"}}


@dataclasses.dataclass(frozen=True)
class Found:
    """One resource, where it stands."""

    assembly: Assembly
    stack: StackTemplate
    logical_id: str
    resource: Template

    @property
    def properties(self) -> Template:
        """The resource's properties."""
        found: Template = self.resource.get("Properties", {})
        return found

    @property
    def retained(self) -> bool:
        """Whether the environment retains its data."""
        return self.assembly.environment.retain_data

    def policies(self, policy_type: str, names: str, document: str = "PolicyDocument") -> list[Statement]:
        """The statements of the policies that refer to this resource by their property ``names``."""
        return [
            statement
            for policy in self.stack.properties(policy_type)
            if {"Ref": self.logical_id} in as_list(policy[names])
            for statement in statements_of(policy[document])
        ]


def faults(assembly: Assembly) -> list[str]:
    """Everything in an assembly that lacks what the rules demand."""
    return [
        f"{stack.name}/{logical_id}: {fault}"
        for stack, logical_id, resource in assembly.resources(*RULES)
        for fault in RULES[resource["Type"]](Found(assembly, stack, logical_id, resource))
    ]


def with_fault(assembly: Assembly, resource_type: str, plant: Callable[[Template], None]) -> tuple[Assembly, str]:
    """The assembly with a fault planted in the first resource of a type, and where that resource stands."""
    stack, logical_id, _ = next(assembly.resources(resource_type))
    template = copy.deepcopy(stack.template)
    plant(template["Resources"][logical_id])
    changed = dataclasses.replace(stack, template=template)
    stacks = tuple(changed if one is stack else one for one in assembly.stacks)
    return dataclasses.replace(assembly, stacks=stacks), f"{stack.name}/{logical_id}"


def _key_of(found: Found, value: Any) -> tuple[str, str] | None:
    """Region and logical id of the platform's key that a property refers to, by reference, by export or by alias."""
    return _key_in(found.assembly, found.stack, value)


def _key_in(assembly: Assembly, stack: StackTemplate, value: Any) -> tuple[str, str] | None:
    if isinstance(value, str):
        return _key_of_alias(assembly, value)
    if not isinstance(value, dict):
        return None
    if "Fn::ImportValue" in value:
        exports = (
            (exporter, output["Value"])
            for exporter in assembly.stacks
            for output in exporter.template.get("Outputs", {}).values()
            if exporter.region == stack.region and output.get("Export", {}).get("Name") == value["Fn::ImportValue"]
        )
        exporter, exported = next(exports, (stack, None))
        return _key_in(assembly, exporter, exported)
    logical_id = value.get("Ref") or value.get("Fn::GetAtt", [None])[0]
    if stack.resources.get(logical_id, {}).get("Type") == "AWS::KMS::Key":
        return stack.region, str(logical_id)
    return None


def _key_of_alias(assembly: Assembly, arn: str) -> tuple[str, str] | None:
    if not arn.startswith("arn:aws:kms:") or ":alias/" not in arn:
        return None
    region, name = arn.split(":")[3], arn.split(":", 5)[5]
    for stack, _, alias in assembly.resources("AWS::KMS::Alias"):
        if (stack.region, alias["Properties"]["AliasName"]) == (region, name):
            return _key_in(assembly, stack, alias["Properties"]["TargetKeyId"])
    return None


def _no_key(found: Found, value: Any, what: str, *, region: str | None = None) -> Iterator[str]:
    key = _key_of(found, value)
    if key is None:
        yield f"{what} is encrypted with no key of the platform: {text(value)}"
    elif key[0] != (region or found.stack.region):
        yield f"{what} is encrypted with a key of {key[0]}"


def _deletion(found: Found, kept: tuple[str, str]) -> Iterator[str]:
    wanted = kept if found.retained else ("Delete", "Delete")
    policies = (found.resource.get("DeletionPolicy"), found.resource.get("UpdateReplacePolicy"))
    if policies != wanted:
        yield f"leaves the template and its data becomes {policies}, not {wanted}"


_KEPT = ("RetainExceptOnCreate", "Retain")


def _bucket(found: Found) -> Iterator[str]:
    properties = found.properties
    purpose = next((one for one in Bucket if properties.get("BucketName", "").startswith(f"{one}-")), None)
    rules = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [{}])
    default = rules[0].get("ServerSideEncryptionByDefault", {})
    if purpose in WITH_S3S_KEY:
        if default.get("SSEAlgorithm") != "AES256":
            yield "is not encrypted with S3's own keys, the only ones that its writer knows"
    elif default.get("SSEAlgorithm") != "aws:kms":
        yield "is not encrypted with a customer managed key"
    else:
        yield from _no_key(found, default.get("KMSMasterKeyID"), "the bucket")
    if list(properties.get("PublicAccessBlockConfiguration", {}).values()) != [True] * 4:
        yield "does not block public access"
    if properties.get("VersioningConfiguration") != {"Status": "Enabled"}:
        yield "keeps no versions"
    if not properties.get("OwnershipControls"):
        yield "leaves the ownership of objects to their writers"
    if purpose not in WITHOUT_ACCESS_LOGS and "DestinationBucketName" not in properties.get("LoggingConfiguration", {}):
        yield "logs no accesses"
    lifecycle = properties.get("LifecycleConfiguration", {}).get("Rules", [])
    if not any("AbortIncompleteMultipartUpload" in rule for rule in lifecycle):
        yield "keeps uploads that nobody completes"
    denied = _denials(found.policies("AWS::S3::BucketPolicy", "Bucket"))
    if _INSECURE not in denied:
        yield "speaks without TLS"
    if {"NumericLessThan": {"s3:TlsVersion": 1.2}} not in denied:
        yield "speaks TLS older than 1.2"
    yield from _deletion(found, _KEPT)
    if not found.retained and not any(
        {"Ref": found.logical_id} == emptied["BucketName"]
        for emptied in found.stack.properties("Custom::S3AutoDeleteObjects")
    ):
        yield "is not emptied, so it cannot be deleted"


def _denials(statements: list[Statement]) -> list[Any]:
    """The conditions under which everybody is denied everything."""
    return [
        statement["Condition"]
        for statement in statements
        if statement["Effect"] == "Deny" and statement["Principal"] in ("*", {"AWS": "*"}) and "Condition" in statement
    ]


def _public(statements: list[Statement]) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and statement["Principal"] in ("*", {"AWS": "*"})
        and "Condition" not in statement
        for statement in statements
    )


def _table(found: Found) -> Iterator[str]:
    properties = found.properties
    # What is forgotten after a while anyway is neither restored nor kept.
    passing = properties.get("TimeToLiveSpecification", {}).get("Enabled", False)
    if properties.get("SSESpecification") != {"SSEEnabled": True, "SSEType": "KMS"}:
        yield "is not encrypted with a customer managed key"
    for replica in properties["Replicas"]:
        region = replica["Region"]
        key = replica.get("SSESpecification", {}).get("KMSMasterKeyId")
        yield from _no_key(found, key, f"the replica in {region}", region=region)
        recoverable = replica.get("PointInTimeRecoverySpecification") == {"PointInTimeRecoveryEnabled": True}
        if not recoverable and not passing:
            yield f"cannot be restored to a point in time in {region}"
        if replica.get("DeletionProtectionEnabled", False) is not (found.retained and not passing):
            yield f"is protected from deletion in {region} otherwise than the environment says"
    yield from _deletion(found, ("Delete", "Delete") if passing else _KEPT)


def _instance(found: Found) -> Iterator[str]:
    properties = found.properties
    yield from _no_key(found, properties.get("KmsKeyId"), "the storage")
    yield from _no_key(found, properties.get("PerformanceInsightsKMSKeyId"), "what Performance Insights keeps")
    if properties.get("StorageEncrypted") is not True and "SourceRegion" not in properties:
        yield "is not encrypted"
    if properties.get("MultiAZ") is not True:
        yield "does not survive a zone"
    if not 1 <= int(properties.get("BackupRetentionPeriod", 0)) <= 35:
        yield "has no automated backups"
    if properties.get("PubliclyAccessible") is not False:
        yield "is public"
    if properties.get("DeletionProtection", False) is not found.retained:
        yield "is protected from deletion otherwise than the environment says"
    parameters = found.stack.resources.get(properties.get("DBParameterGroupName", {}).get("Ref"), {})
    if parameters.get("Properties", {}).get("Parameters", {}).get("require_secure_transport") != "1":
        yield "speaks without TLS"
    yield from _deletion(found, ("Snapshot", "Snapshot"))


def _volumes(found: Found) -> Iterator[str]:
    data = found.properties["LaunchTemplateData"]
    devices = [device["Ebs"] for device in data.get("BlockDeviceMappings", []) if "Ebs" in device]
    if not devices:
        yield "leaves the volumes to the image, which encrypts none"
    for volume in devices:
        if volume.get("Encrypted") is not True:
            yield "has a volume that is not encrypted"
        yield from _no_key(found, volume.get("KmsKeyId"), "a volume")


def _volume(found: Found) -> Iterator[str]:
    if found.properties.get("Encrypted") is not True:
        yield "is not encrypted"
    yield from _no_key(found, found.properties.get("KmsKeyId"), "the volume")
    yield from _deletion(found, ("Snapshot", "Snapshot"))


def _topic(found: Found) -> Iterator[str]:
    yield from _no_key(found, found.properties.get("KmsMasterKeyId"), "the topic")
    yield from _messages(found, found.policies("AWS::SNS::TopicPolicy", "Topics"))


def _queue(found: Found) -> Iterator[str]:
    yield from _no_key(found, found.properties.get("KmsMasterKeyId"), "the queue")
    yield from _messages(found, found.policies("AWS::SQS::QueuePolicy", "Queues"))


def _messages(found: Found, statements: list[Statement]) -> Iterator[str]:
    if _INSECURE not in _denials(statements):
        yield "takes messages without TLS"
    if _public(statements):
        yield "takes messages from anybody"


def _log_group(found: Found) -> Iterator[str]:
    yield from _no_key(found, found.properties.get("KmsKeyId"), "the log group")
    if found.properties.get("RetentionInDays") != found.assembly.environment.log_retention_days:
        yield "keeps events for another time than the environment says"


def _vault(found: Found) -> Iterator[str]:
    yield from _no_key(found, found.properties.get("EncryptionKeyArn"), "the vault")
    denied = [
        action
        for statement in statements_of(found.properties.get("AccessPolicy", {"Statement": []}))
        if statement["Effect"] == "Deny" and statement["Principal"] in ("*", {"AWS": "*"})
        for action in statement["Action"]
    ]
    if found.retained and "LockConfiguration" not in found.properties:
        yield "is not locked"
    if found.retained and "backup:DeleteRecoveryPoint" not in denied:
        yield "lets recovery points be deleted before their time"
    yield from _deletion(found, _KEPT)


def _secret(found: Found) -> Iterator[str]:
    yield from _no_key(found, found.properties.get("KmsKeyId"), "the secret")
    for copy_ in found.properties.get("ReplicaRegions", []):
        yield from _no_key(found, copy_.get("KmsKeyId"), f"the copy in {copy_['Region']}", region=copy_["Region"])
    if "SecretString" in found.properties:
        yield "has its value in the template"
    yield from _deletion(found, _KEPT)


def _key(found: Found) -> Iterator[str]:
    if found.properties.get("EnableKeyRotation") is not True:
        yield "never rotates"
    if _public(statements_of(found.properties["KeyPolicy"])):
        yield "may be used by anybody"
    yield from _deletion(found, _KEPT)


RULES: dict[str, Rule] = {
    "AWS::Backup::BackupVault": _vault,
    "AWS::DynamoDB::GlobalTable": _table,
    "AWS::EC2::LaunchTemplate": _volumes,
    "AWS::EC2::Volume": _volume,
    "AWS::KMS::Key": _key,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::RDS::DBInstance": _instance,
    "AWS::S3::Bucket": _bucket,
    "AWS::SNS::Topic": _topic,
    "AWS::SQS::Queue": _queue,
    "AWS::SecretsManager::Secret": _secret,
}
"""What is demanded of each type that holds data."""

FORBIDDEN = (
    "AWS::DynamoDB::Table",
    "AWS::EC2::Instance",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Kinesis::Stream",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
)
"""Types that would hold data and have no rule here: whoever uses one writes its rule first."""
