"""Every physical name the platform gives, known at synthesis and checked against AWS's length limits.

Most resources carry no physical name: CloudFormation's own are collision-free and can be replaced. A name is
given only where another region, a person or a policy has to know it beforehand. Names follow
``<Team>-<Environment>-<Service>``; buckets follow ``<purpose>-<account>-<environment suffix>``, whose suffix
carries the region because bucket names are global.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Stacks(StrEnum):
    """The services that have a stack in every region, and those that stand once."""

    SECURITY = "Security"
    NETWORKING = "Networking"
    STORAGE = "Storage"
    REPLICATION = "Replication"
    DATABASE = "Database"
    BACKUP = "Backup"
    SERVERLESS = "Serverless"
    COMPUTE = "Compute"
    CDN = "CDN"
    DNS = "DNS"
    COMPLIANCE = "Compliance"
    MONITORING = "Monitoring"
    CICD = "CICD"
    GLOBAL = "Global"
    ZONE = "Zone"
    PEERING = "Peering"
    EDGE = "Edge"


class Bucket(StrEnum):
    """What a bucket is for; the first part of its name."""

    AUDIT_LOGS = "audit-logs"
    AUDIT_ARCHIVE = "audit-archive"
    TRAIL = "trail"
    MAIN = "data"
    RAW_DATA = "raw-data"
    PROCESSED_DATA = "processed-data"
    STATIC_ASSETS = "static-assets"
    CDN_LOGS = "cdn-logs"
    SWITCHES = "switches"
    ARTIFACTS = "artifacts"
    ARTIFACT_LOGS = "artifact-logs"


REPLICATED = (Bucket.MAIN, Bucket.RAW_DATA, Bucket.PROCESSED_DATA, Bucket.STATIC_ASSETS)
"""The buckets whose objects a region and its partner keep for each other."""


class Key(StrEnum):
    """What a customer managed key protects; the last part of its alias."""

    STORAGE = "Storage"
    MESSAGING = "Messaging"
    LOGS = "Logs"
    TRAIL = "Trail"
    COMPUTE = "Compute"
    ARTIFACTS = "Artifacts"
    DATABASE = "Database"
    BACKUP = "Backup"
    EDGE = "Edge"
    ROUTING = "Routing"


class Topic(StrEnum):
    """The two ways a person hears from the platform, and the one by which alarms reach their processing."""

    NOTIFICATION = "NotificationTopic"
    ALERT = "AlertTopic"
    ALARM = "AlarmTopic"


@dataclass(frozen=True)
class Limit:
    """An AWS limit on the length of a name, with the page that states it."""

    resource: str
    characters: int
    source: str


_DOCS = "https://docs.aws.amazon.com"
LIMITS = {
    "stack": Limit("stack name", 128, f"{_DOCS}/AWSCloudFormation/latest/UserGuide/cfn-console-create-stack.html"),
    "bucket": Limit("bucket name", 63, f"{_DOCS}/AmazonS3/latest/userguide/bucketnamingrules.html"),
    "alias": Limit("KMS alias", 256, f"{_DOCS}/kms/latest/APIReference/API_CreateAlias.html"),
    "topic": Limit("SNS topic name", 256, f"{_DOCS}/sns/latest/api/API_CreateTopic.html"),
    "queue": Limit("SQS queue name", 80, f"{_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-quotas.html"),
    "log group": Limit(
        "log group name", 512, f"{_DOCS}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html"
    ),
    "table": Limit("DynamoDB table name", 255, f"{_DOCS}/amazondynamodb/latest/developerguide/ServiceQuotas.html"),
    "database": Limit(
        "DB instance identifier", 63, f"{_DOCS}/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints"
    ),
    "secret": Limit("secret name", 512, f"{_DOCS}/secretsmanager/latest/apireference/API_CreateSecret.html"),
    "policy": Limit("IAM policy name", 128, f"{_DOCS}/IAM/latest/UserGuide/reference_iam-quotas.html"),
    "trail": Limit("trail name", 128, f"{_DOCS}/awscloudtrail/latest/APIReference/API_CreateTrail.html"),
    "vault": Limit("backup vault name", 50, f"{_DOCS}/aws-backup/latest/devguide/API_CreateBackupVault.html"),
    "restore_tests": Limit(
        "restore testing plan name", 50, f"{_DOCS}/aws-backup/latest/devguide/API_CreateRestoreTestingPlan.html"
    ),
    "function": Limit("Lambda function name", 64, f"{_DOCS}/lambda/latest/api/API_CreateFunction.html"),
}
"""The limits the composed names are held against; one entry for each kind of name given below."""


@dataclass(frozen=True)
class Names:
    """The names of one environment."""

    team: str
    environment: str
    account: str

    @property
    def prefix(self) -> str:
        """``<Team>-<Environment>``, the beginning of every name and the id of the environment's stage."""
        return f"{self.team}-{self.environment}"

    def resource(self, service: str) -> str:
        """``<Team>-<Environment>-<Service>``."""
        return f"{self.prefix}-{service}"

    def stack(self, service: Stacks, region: str) -> str:
        """The name of a region's stack; stack names need only be unique within a region, people's eyes need more."""
        return f"{self.prefix}-{service}-{region}"

    def bucket(self, purpose: Bucket, region: str) -> str:
        """``<purpose>-<account>-<environment suffix>`` in lower case; the suffix is team, environment, region."""
        return f"{purpose}-{self.account}-{self.prefix}-{region}".lower()

    def alias(self, key: Key) -> str:
        """The alias of a region's key, the same in every region."""
        return f"alias/{self.resource(key)}"

    def web_acl_logs(self, service: str) -> str:
        """The log group of a web ACL; WAF writes to none whose name begins otherwise."""
        return f"aws-waf-logs-{self.resource(service)}"

    def topic(self, topic: Topic) -> str:
        """The name of a region's topic, the same in every region."""
        return self.resource(topic)

    @property
    def catalogue_table(self) -> str:
        """The table that knows every object of the data pipeline; a replica bears the same name."""
        return self.resource("Catalogue")

    def database(self, generation: int) -> str:
        """The identifier of a region's database instance: its generation tells a rebuilt one from the one before."""
        name = self.resource("Database").lower()
        return name if generation == 1 else f"{name}-{generation}"

    @property
    def database_secret(self) -> str:
        """The secret with the database's credentials; a replica bears the same name."""
        return self.resource("DatabaseCredentials")

    @property
    def rotation_function(self) -> str:
        """The function that rotates the database's secret."""
        return self.resource("RotateDatabaseSecret")

    @property
    def boundary(self) -> str:
        """The policy that bounds every role; an administrator makes it before the first deployment."""
        return self.resource("Boundary")

    @property
    def trail(self) -> str:
        """The trail of all regions."""
        return self.resource("Trail")

    @property
    def vault(self) -> str:
        """The backup vault of a region, the same in every region."""
        return self.resource("Vault")

    @property
    def backup_tag(self) -> tuple[str, str]:
        """The tag, key and value, by which the backup plan finds what it protects."""
        return "Backup", self.prefix

    @property
    def restore_tests(self) -> str:
        """The plan by which restores are rehearsed; AWS allows letters, digits and underscores."""
        return f"{self.team}_{self.environment}_RestoreTests"

    @property
    def event_source(self) -> str:
        """The source of the platform's own events on the default event bus."""
        return f"{self.prefix}.pipeline".lower()

    def composed(self, regions: tuple[str, ...]) -> Iterator[tuple[Limit, str]]:
        """Every name that is given in ``regions``, each with the limit it must keep."""
        for region in regions:
            for service in Stacks:
                yield LIMITS["stack"], self.stack(service, region)
            for purpose in Bucket:
                yield LIMITS["bucket"], self.bucket(purpose, region)
        for key in Key:
            yield LIMITS["alias"], self.alias(key)
        for topic in Topic:
            yield LIMITS["topic"], self.topic(topic)
        yield LIMITS["log group"], self.web_acl_logs(Stacks.COMPUTE)
        yield LIMITS["log group"], self.web_acl_logs(Stacks.SERVERLESS)
        yield LIMITS["table"], self.catalogue_table
        yield LIMITS["database"], self.database(99)
        yield LIMITS["secret"], self.database_secret
        yield LIMITS["function"], self.rotation_function
        yield LIMITS["trail"], self.trail
        yield LIMITS["policy"], self.boundary
        yield LIMITS["vault"], self.vault
        yield LIMITS["restore_tests"], self.restore_tests
