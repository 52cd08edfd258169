"""Every customer managed key admits the services that use it for this account's resources.

CDK writes few of these statements, and a missing one fails silently at run time, or not before the deployment. So this
walks every key, and every resource that names one, in every stack.
"""

import fnmatch
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, Template, environment, everything, synthesise
from tests.template_reading import as_list, changed, text

READ = ("kms:Decrypt",)
PUBLISH = ("kms:Decrypt", "kms:GenerateDataKey")
DELIVER = (
    *("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
    *("kms:GenerateDataKey", "kms:DescribeKey"),
)

BY_THE_CALLER = {
    # The deploying principal's grants, or the caller's own permissions: the account's statement is all they need.
    ("AWS::Backup::BackupVault", "EncryptionKeyArn"),
    ("AWS::CodeBuild::Project", "EncryptionKey"),
    ("AWS::CodePipeline::Pipeline", "ArtifactStore.EncryptionKey.Id"),
    ("AWS::CodePipeline::Pipeline", "ArtifactStores.ArtifactStore.EncryptionKey.Id"),
    ("AWS::DynamoDB::GlobalTable", "Replicas.SSESpecification.KMSMasterKeyId"),
    ("AWS::DynamoDB::Table", "SSESpecification.KMSMasterKeyId"),
    ("AWS::ECS::Cluster", "Configuration.ExecuteCommandConfiguration.KmsKeyId"),
    ("AWS::KMS::Alias", "TargetKeyId"),
    ("AWS::Lambda::Function", "KmsKeyArn"),
    ("AWS::RDS::DBInstance", "KmsKeyId"),
    ("AWS::RDS::DBInstance", "PerformanceInsightsKMSKeyId"),
    ("AWS::SecretsManager::RotationSchedule", "HostedRotationLambda.KmsKeyArn"),
    ("AWS::SecretsManager::Secret", "KmsKeyId"),
    ("AWS::SecretsManager::Secret", "ReplicaRegions.KmsKeyId"),
    ("AWS::SSM::Document", "Content"),
    ("AWS::SSM::Parameter", "Value"),
    ("AWS::Synthetics::Canary", "ArtifactConfig.S3Encryption.KmsKeyArn"),
    ("Custom::BucketReplication", "Create"),
    ("Custom::BucketReplication", "Update"),
}
OF_POLICIES = {"AWS::IAM::Policy", "AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::S3::BucketPolicy"}
LOG_GROUP = ("AWS::Logs::LogGroup", "KmsKeyId")
TOPIC = ("AWS::SNS::Topic", "KmsMasterKeyId")
QUEUE = ("AWS::SQS::Queue", "KmsMasterKeyId")
BUCKET = (
    "AWS::S3::Bucket",
    "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
)
VOLUME = ("AWS::EC2::LaunchTemplate", "LaunchTemplateData.BlockDeviceMappings.Ebs.KmsKeyId")
TRAILS = {("AWS::CloudTrail::Trail", "KMSKeyId"), ("AWS::CloudTrail::EventDataStore", "KmsKeyId")}

_ALIAS_ARN = re.compile(r"arn:aws:kms:([a-z0-9-]+):[0-9]{12}:(alias/[A-Za-z0-9/_-]+)")


@dataclass(frozen=True)
class Use:
    """A resource that is encrypted with a key."""

    stack: StackTemplate
    logical_id: str
    kind: tuple[str, str]
    key: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.stack.name} {self.logical_id}"


@dataclass(frozen=True)
class Need:
    """What a service has to be allowed, in the circumstances under which it asks."""

    principal: str
    actions: tuple[str, ...]
    context: tuple[tuple[str, str], ...] = ()


class Keys:
    """Every key of an assembly, found by whatever a template calls it."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self._stacks = {stack.name: stack for stack in assembly.stacks}
        self._exports = {
            (stack.region, output["Export"]["Name"]): (stack, output["Value"])
            for stack in assembly.stacks
            for output in stack.template.get("Outputs", {}).values()
            if "Export" in output
        }
        self._aliases = {
            (stack.region, properties["AliasName"]): self.named(stack, properties["TargetKeyId"])
            for stack in assembly.stacks
            for properties in stack.properties("AWS::KMS::Alias")
        }

    def policy(self, key: tuple[str, str]) -> list[Template]:
        """The statements of a key's policy."""
        statements: list[Template] = self._stacks[key[0]].resources[key[1]]["Properties"]["KeyPolicy"]["Statement"]
        return statements

    @property
    def all(self) -> Iterator[tuple[str, str]]:
        """Every key."""
        for stack, logical_id, _ in self.assembly.resources("AWS::KMS::Key"):
            yield stack.name, logical_id

    def named(self, stack: StackTemplate, value: Any) -> tuple[str, str] | None:
        """The key that a value refers to: in its stack, or by an export of its region."""
        if not isinstance(value, dict):
            return None
        if "Fn::ImportValue" in value and isinstance(value["Fn::ImportValue"], str):
            source = self._exports.get((stack.region, value["Fn::ImportValue"]))
            return self.named(*source) if source else None
        name = value["Ref"] if "Ref" in value else value.get("Fn::GetAtt", [None])[0]
        is_key = name in stack.resources and stack.resources[name]["Type"] == "AWS::KMS::Key"
        return (stack.name, str(name)) if is_key else None

    def uses(self) -> Iterator[Use]:
        """Every property of every resource that names a key, policies apart."""
        for stack, logical_id, resource in self.assembly.resources():
            if resource["Type"] in OF_POLICIES:
                continue
            for path, key in self._named_in(stack, resource.get("Properties", {}), ()):
                yield Use(stack, logical_id, (resource["Type"], ".".join(path)), key)

    def _named_in(
        self, stack: StackTemplate, value: Any, path: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
        key = self.named(stack, value)
        if key:
            yield path, key
        elif isinstance(value, str):
            for region, alias in _ALIAS_ARN.findall(value):
                assert (region, alias) in self._aliases, f"{stack.name}: {alias} is no key of {region}"
                if named := self._aliases[region, alias]:
                    yield path, named
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield from self._named_in(stack, inner, path if name.startswith("Fn::") else (*path, name))
        elif isinstance(value, list):
            for inner in value:
                yield from self._named_in(stack, inner, path)


def needs(use: Use, account: str) -> Iterator[Need]:
    """What the services that work on an encrypted resource need of its key (the sources are AWS's guides)."""
    region = use.stack.region
    if use.kind == LOG_GROUP:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        group = f"arn:aws:logs:{region}:{account}:log-group:any"
        yield Need(f"logs.{region}.amazonaws.com", DELIVER, (("kms:EncryptionContext:aws:logs:arn", group),))
    elif use.kind == VOLUME:
        # https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
        role = f"arn:aws:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        through = (("kms:CallerAccount", account), ("kms:ViaService", f"ec2.{region}.amazonaws.com"))
        yield Need(role, DELIVER, through)
        yield Need(role, ("kms:CreateGrant",), (*through, ("kms:GrantIsForAWSResource", "true")))
    elif use.kind in TRAILS:
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
        name = text(use.stack.resources[use.logical_id]["Properties"].get("TrailName", "any"))
        trail = f"arn:aws:cloudtrail:{region}:{account}:trail/{name}"
        encrypted = (("kms:EncryptionContext:aws:cloudtrail:arn", trail), ("aws:SourceArn", trail))
        yield Need("cloudtrail.amazonaws.com", ("kms:GenerateDataKey",), encrypted)
        yield Need("cloudtrail.amazonaws.com", ("kms:DescribeKey",), (("aws:SourceArn", trail),))
    elif use.kind in (TOPIC, QUEUE, BUCKET):
        for service, told in admitted_services(use, account):
            yield Need(service, ACTIONS[use.kind].get(service, ()), told)


ACTIONS: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    TOPIC: dict.fromkeys(
        (
            *("cloudwatch.amazonaws.com", "events.amazonaws.com", "s3.amazonaws.com", "events.rds.amazonaws.com"),
            *("cloudtrail.amazonaws.com", "config.amazonaws.com", "backup.amazonaws.com", "budgets.amazonaws.com"),
            *("codestar-notifications.amazonaws.com", "costalerts.amazonaws.com"),
        ),
        PUBLISH,
    ),
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
    QUEUE: dict.fromkeys(("events.amazonaws.com", "s3.amazonaws.com", "sns.amazonaws.com"), PUBLISH),
    BUCKET: {
        "cloudfront.amazonaws.com": READ,
        "cloudtrail.amazonaws.com": ("kms:GenerateDataKey",),
        "config.amazonaws.com": PUBLISH,
        "delivery.logs.amazonaws.com": DELIVER,
    },
}
"""What each service that a resource policy admits needs besides. A service that is missing here is one to look up."""

TELLS_NOTHING = {(TOPIC, "events.amazonaws.com")}
"""SNS passes EventBridge's account and rule on to no key: a condition on either shuts it out. SQS does.

https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic.html
https://github.com/aws/aws-cdk/pull/22766
"""


def admitted_services(use: Use, account: str) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """The services that the resource policies of a topic, queue or bucket admit, and what each tells of itself."""
    properties = use.stack.resources[use.logical_id]["Properties"]
    encrypted: tuple[tuple[str, str], ...] = ()
    if use.kind == TOPIC:
        topic = f"arn:aws:sns:{use.stack.region}:{account}:{text(properties['TopicName'])}"
        encrypted = (("kms:EncryptionContext:aws:sns:topicArn", topic),)
    for statement in resource_policy(use):
        if statement["Effect"] != "Allow":
            continue
        principal = statement["Principal"]
        for service in as_list(principal.get("Service", [])) if isinstance(principal, dict) else []:
            source = f"arn:aws:cloudfront::{account}:distribution/any" if "cloudfront" in service else "arn:aws:any"
            told: tuple[tuple[str, str], ...] = (("aws:SourceAccount", account), ("aws:SourceArn", source))
            # Whoever only asks for a bucket's settings touches no encrypted data.
            if any(touches_data(action) for action in as_list(statement["Action"])):
                yield text(service), encrypted if (use.kind, service) in TELLS_NOTHING else (*encrypted, *told)


def touches_data(action: str) -> bool:
    reading = ("s3:GetBucket", "s3:ListBucket", "s3:List", "sqs:GetQueue", "sns:GetTopic")
    return not action.startswith(reading)


def resource_policy(use: Use) -> Iterator[Template]:
    """The statements of whatever policy of the same stack names the resource."""
    names = {"AWS::SNS::TopicPolicy": "Topics", "AWS::SQS::QueuePolicy": "Queues", "AWS::S3::BucketPolicy": "Bucket"}
    for kind, name in names.items():
        for policy in use.stack.properties(kind):
            if {"Ref": use.logical_id} in as_list(policy[name]):
                yield from policy["PolicyDocument"]["Statement"]


def allows(policy: list[Template], need: Need) -> list[str]:
    """The actions of a need that a key's policy refuses."""
    return [
        action
        for action in need.actions
        if not any(
            statement["Effect"] == "Allow"
            and _is_principal(statement["Principal"], need.principal)
            and any(fnmatch.fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
            and _holds(statement.get("Condition", {}), dict(need.context))
            for statement in policy
        )
    ]


def _is_principal(stated: Any, principal: str) -> bool:
    services, others = as_list(stated.get("Service", [])), as_list(stated.get("AWS", []))
    if principal.startswith("arn:"):
        return principal in others or "*" in others
    return principal in [text(service) for service in services]


def _holds(condition: Template, context: dict[str, str]) -> bool:
    known = {name.lower(): value for name, value in context.items()}
    for operator, tests in condition.items():
        assert operator in ("StringEquals", "StringLike", "ArnLike", "ArnEquals", "Bool"), operator
        for name, patterns in tests.items():
            value = known.get(name.lower())
            if value is None:
                return False
            # A source that is not known here may be any: its condition is the constructs' own affair.
            if not any(fnmatch.fnmatchcase(value, text(p)) or value == "arn:aws:any" for p in as_list(patterns)):
                return False
    return True


def missing(assembly: Assembly) -> list[str]:
    """Every service that uses a key and is not admitted to it."""
    keys = Keys(assembly)
    found = []
    for use in keys.uses():
        for need in needs(use, assembly.environment.account):
            if not need.actions:
                found.append(f"{use}: what {need.principal} needs of the key is not known here")
            found += [f"{use}: {need.principal} {action}" for action in allows(keys.policy(use.key), need)]
    return found


@pytest.fixture(scope="module")
def whole() -> Assembly:
    return synthesise(everything())


def test_every_service_that_uses_a_key_is_admitted_to_it(platform: Assembly) -> None:
    assert missing(platform) == []


def test_every_service_is_admitted_where_everything_is_switched_on(whole: Assembly) -> None:
    assert missing(whole) == []


def test_every_use_of_a_key_is_one_that_is_known_here(platform: Assembly) -> None:
    known = BY_THE_CALLER | TRAILS | {LOG_GROUP, TOPIC, QUEUE, BUCKET, VOLUME}
    uses = list(Keys(platform).uses())
    assert [f"{use}: {use.kind}" for use in uses if use.kind not in known] == []
    assert {LOG_GROUP, TOPIC, QUEUE, BUCKET, VOLUME} <= {use.kind for use in uses}


def test_every_key_rotates_has_an_alias_and_leaves_its_administration_to_the_account(platform: Assembly) -> None:
    keys = Keys(platform)
    administration = {"arn:aws:iam::000000000000:root"}
    for stack, logical_id, key in platform.resources("AWS::KMS::Key"):
        assert key["Properties"]["EnableKeyRotation"] is True, logical_id
        targets = [keys.named(stack, alias["TargetKeyId"]) for alias in stack.properties("AWS::KMS::Alias")]
        assert targets.count((stack.name, logical_id)) == 1, logical_id
        statements = keys.policy((stack.name, logical_id))
        administrators = [
            {text(principal) for principal in as_list(statement["Principal"]["AWS"])}
            for statement in statements
            if statement["Action"] == "kms:*"
        ]
        assert administrators == [administration]


def test_no_key_is_open_to_strangers(platform: Assembly) -> None:
    """Everybody is admitted only as a caller of this account; services that tell for whom they act, for it alone."""
    keys = Keys(platform)
    for key in keys.all:
        for statement in keys.policy(key):
            principal, condition = statement["Principal"], json.dumps(statement.get("Condition", {}))
            if "*" in as_list(principal.get("AWS", [])):
                assert '"kms:CallerAccount": "000000000000"' in condition, key
            services = set(map(text, as_list(principal.get("Service", [])))) - set(TELLS_NOTHING)
            assert not services or "000000000000" in condition, (key, services)


def _without(name: str, service: str) -> Any:
    def drop(resources: Template) -> None:
        """Take one service, or everybody, off a key."""
        for logical_id, resource in resources.items():
            if resource["Type"] != "AWS::KMS::Key" or not logical_id.startswith(name):
                continue
            document = resource["Properties"]["KeyPolicy"]
            kept = []
            for statement in document["Statement"]:
                kind = "AWS" if service == "*" else "Service"
                left = [p for p in as_list(statement["Principal"].get(kind, [])) if text(p) != service]
                if kind not in statement["Principal"] or left:
                    kept.append(statement | {"Principal": {**statement["Principal"], **({kind: left} if left else {})}})
            document["Statement"] = kept

    return drop


@pytest.mark.parametrize(
    ("key", "service", "found"),
    [
        ("LogsKey", "logs.us-east-1.amazonaws.com", "log"),
        ("MessagingKey", "cloudwatch.amazonaws.com", "Topic"),
        ("MessagingKey", "events.amazonaws.com", "Topic"),
        ("StorageKey", "cloudfront.amazonaws.com", "StaticAssets"),
        ("ComputeKey", "*", "LaunchTemplate"),
    ],
)
def test_a_statement_that_is_missing_is_found(key: str, service: str, found: str) -> None:
    faulty = changed(synthesise(environment(regions=1)), Stacks.SECURITY, _without(key, service))
    reported = missing(faulty)
    assert any(found.lower() in line.lower() and (service in line or service == "*") for line in reported), reported


def test_a_condition_that_shuts_a_service_out_is_found() -> None:
    def narrow(resources: Template) -> None:
        for resource in resources.values():
            for statement in resource.get("Properties", {}).get("KeyPolicy", {}).get("Statement", []):
                if "events.amazonaws.com" in as_list(statement["Principal"].get("Service", [])):
                    statement["Condition"] = {"StringEquals": {"aws:SourceAccount": "000000000000"}}
                if statement.get("Sid") == "LogGroups":
                    statement["Condition"] = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:*:1:*"}}

    reported = missing(changed(synthesise(environment(regions=1)), Stacks.SECURITY, narrow))
    assert any("events.amazonaws.com" in line for line in reported)
    assert any("logs.us-east-1.amazonaws.com" in line for line in reported)


def test_an_encrypted_resource_whose_user_nobody_looked_up_is_found() -> None:
    def admit(resources: Template) -> None:
        for resource in resources.values():
            if resource["Type"] == "AWS::SNS::TopicPolicy":
                statements = resource["Properties"]["PolicyDocument"]["Statement"]
                principal = {"Service": "inspector.amazonaws.com"}
                statements.append({"Effect": "Allow", "Principal": principal, "Action": "sns:Publish"})

    reported = missing(changed(synthesise(environment(regions=1)), Stacks.SECURITY, admit))
    assert any("what inspector.amazonaws.com needs of the key is not known here" in line for line in reported)
