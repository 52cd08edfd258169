"""The rules that resources are held against, in a table: what each asks, and which published control wants it.

CIS is the AWS Foundations Benchmark 3.0.0, FSBP the AWS Foundational Security Best Practices.
https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
https://docs.aws.amazon.com/securityhub/latest/userguide/cis-aws-foundations-benchmark.html
https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_config as config

_AWS = config.ManagedRuleIdentifiers


@dataclass(frozen=True)
class ComplianceRule:
    """A managed rule; ``of_account`` is one about the whole account, which is asked in the home region alone."""

    name: str
    identifier: str
    controls: tuple[str, ...]
    asks: str
    of_account: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


RULES = (
    # The account and its people.
    ComplianceRule(
        "PasswordPolicy",
        _AWS.IAM_PASSWORD_POLICY,
        ("CIS 1.8", "CIS 1.9", "FSBP IAM.7"),
        "passwords have 14 characters of every kind and are not used again",
        of_account=True,
        parameters={
            "MinimumPasswordLength": "14",
            "PasswordReusePrevention": "24",
            "RequireUppercaseCharacters": "true",
            "RequireLowercaseCharacters": "true",
            "RequireNumbers": "true",
            "RequireSymbols": "true",
        },
    ),
    ComplianceRule(
        "RootHasNoKeys",
        _AWS.IAM_ROOT_ACCESS_KEY_CHECK,
        ("CIS 1.4", "FSBP IAM.4"),
        "root has no access key",
        of_account=True,
    ),
    ComplianceRule(
        "RootHasMfa", _AWS.ROOT_ACCOUNT_MFA_ENABLED, ("CIS 1.5",), "root has a second factor", of_account=True
    ),
    ComplianceRule(
        "UsersHaveMfa",
        _AWS.MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS,
        ("CIS 1.10", "FSBP IAM.5"),
        "users with a password have a second factor",
        of_account=True,
    ),
    ComplianceRule(
        "KeysAreRotated",
        _AWS.ACCESS_KEYS_ROTATED,
        ("CIS 1.14", "FSBP IAM.3"),
        "access keys are younger than 90 days",
        of_account=True,
        parameters={"maxAccessKeyAge": "90"},
    ),
    ComplianceRule(
        "CredentialsAreUsed",
        _AWS.IAM_USER_UNUSED_CREDENTIALS_CHECK,
        ("CIS 1.12", "FSBP IAM.8"),
        "credentials were used within 45 days",
        of_account=True,
        parameters={"maxCredentialUsageAge": "45"},
    ),
    ComplianceRule(
        "UsersHaveNoPolicies",
        _AWS.IAM_USER_NO_POLICIES_CHECK,
        ("CIS 1.15", "FSBP IAM.2"),
        "permissions come by groups and roles",
        of_account=True,
    ),
    ComplianceRule(
        "NoAdministrators",
        _AWS.IAM_POLICY_NO_STATEMENTS_WITH_ADMIN_ACCESS,
        ("CIS 1.16", "FSBP IAM.1"),
        "no policy of the account allows everything",
        of_account=True,
    ),
    ComplianceRule(
        "TrailOfAllRegions",
        _AWS.CLOUDTRAIL_MULTI_REGION_ENABLED,
        ("CIS 3.1", "FSBP CloudTrail.1"),
        "a trail records every region",
        of_account=True,
    ),
    ComplianceRule(
        "PublicAccessBlockedInAccount",
        _AWS.S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC,
        ("CIS 2.1.4", "FSBP S3.1"),
        "the account blocks public access to all buckets",
        of_account=True,
    ),
    # The trail.
    ComplianceRule(
        "TrailIsEncrypted",
        _AWS.CLOUD_TRAIL_ENCRYPTION_ENABLED,
        ("CIS 3.5", "FSBP CloudTrail.2"),
        "trails are encrypted with a key of the account",
    ),
    ComplianceRule(
        "TrailIsValidated",
        _AWS.CLOUD_TRAIL_LOG_FILE_VALIDATION_ENABLED,
        ("CIS 3.2", "FSBP CloudTrail.4"),
        "a changed log file can be told",
    ),
    ComplianceRule(
        "TrailIsWatched",
        _AWS.CLOUD_TRAIL_CLOUD_WATCH_LOGS_ENABLED,
        ("FSBP CloudTrail.5",),
        "trails are delivered to CloudWatch Logs",
    ),
    # Data at rest and its keys.
    ComplianceRule(
        "BucketsAreEncrypted",
        _AWS.S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED,
        ("FSBP S3.4",),
        "buckets encrypt what they hold",
    ),
    ComplianceRule(
        "KeysAreRotatedYearly", _AWS.CMK_BACKING_KEY_ROTATION_ENABLED, ("CIS 3.6", "FSBP KMS.4"), "keys are rotated"
    ),
    ComplianceRule(
        "KeysAreKept", _AWS.KMS_CMK_NOT_SCHEDULED_FOR_DELETION, ("FSBP KMS.3",), "no key is about to be deleted"
    ),
    ComplianceRule(
        "VolumesAreEncryptedByDefault",
        _AWS.EC2_EBS_ENCRYPTION_BY_DEFAULT,
        ("CIS 2.2.1", "FSBP EC2.7"),
        "new volumes are encrypted whoever makes them",
    ),
    ComplianceRule(
        "VolumesAreEncrypted", _AWS.EBS_ENCRYPTED_VOLUMES, ("FSBP EC2.3",), "attached volumes are encrypted"
    ),
    ComplianceRule("TopicsAreEncrypted", _AWS.SNS_ENCRYPTED_KMS, ("FSBP SNS.1",), "topics are encrypted"),
    # Buckets.
    ComplianceRule(
        "BucketsAreNotReadByAll",
        _AWS.S3_BUCKET_PUBLIC_READ_PROHIBITED,
        ("FSBP S3.2",),
        "no bucket can be read by everybody",
    ),
    ComplianceRule(
        "BucketsAreNotWrittenByAll",
        _AWS.S3_BUCKET_PUBLIC_WRITE_PROHIBITED,
        ("FSBP S3.3",),
        "no bucket can be written by everybody",
    ),
    ComplianceRule(
        "BucketsBlockPublicAccess",
        _AWS.S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED,
        ("CIS 2.1.4", "FSBP S3.8"),
        "each bucket blocks public access",
    ),
    ComplianceRule(
        "BucketsSpeakTls", _AWS.S3_BUCKET_SSL_REQUESTS_ONLY, ("CIS 2.1.1", "FSBP S3.5"), "buckets refuse plain HTTP"
    ),
    ComplianceRule(
        "BucketsAreVersioned", _AWS.S3_BUCKET_VERSIONING_ENABLED, ("S3.14",), "deleted objects can come back"
    ),
    # Networks and instances.
    ComplianceRule(
        "NoOpenSsh", _AWS.EC2_SECURITY_GROUPS_INCOMING_SSH_DISABLED, ("CIS 5.2", "EC2.13"), "SSH is open to nobody"
    ),
    ComplianceRule(
        "DefaultGroupsAreClosed",
        _AWS.VPC_DEFAULT_SECURITY_GROUP_CLOSED,
        ("CIS 5.4", "FSBP EC2.2"),
        "default security groups admit nothing",
    ),
    ComplianceRule(
        "NetworksLogFlows",
        _AWS.VPC_FLOW_LOGS_ENABLED,
        ("CIS 3.7", "FSBP EC2.6"),
        "networks log refused flows at least",
        parameters={"trafficType": "REJECT"},
    ),
    ComplianceRule(
        "InstancesUseImdsV2",
        _AWS.EC2_IMDSV2_CHECK,
        ("CIS 5.6", "FSBP EC2.8"),
        "instances give no keys to forged requests",
    ),
    ComplianceRule(
        "InstancesAreNotPublic", _AWS.EC2_INSTANCE_NO_PUBLIC_IP, ("FSBP EC2.9",), "instances have no public address"
    ),
    ComplianceRule(
        "BalancersRedirectToHttps",
        _AWS.ALB_HTTP_TO_HTTPS_REDIRECTION_CHECK,
        ("FSBP ELB.1",),
        "load balancers answer HTTP by a redirect",
    ),
    ComplianceRule("BalancersLog", _AWS.ELB_LOGGING_ENABLED, ("FSBP ELB.5",), "load balancers log accesses"),
    # Databases, functions and secrets.
    ComplianceRule(
        "DatabasesAreEncrypted", _AWS.RDS_STORAGE_ENCRYPTED, ("CIS 2.3.1", "FSBP RDS.3"), "databases are encrypted"
    ),
    ComplianceRule(
        "DatabasesAreNotPublic",
        _AWS.RDS_INSTANCE_PUBLIC_ACCESS_CHECK,
        ("CIS 2.3.3", "FSBP RDS.2"),
        "databases have no public address",
    ),
    ComplianceRule(
        "DatabasesArePatched",
        _AWS.RDS_AUTOMATIC_MINOR_VERSION_UPGRADE_ENABLED,
        ("CIS 2.3.2", "FSBP RDS.13"),
        "databases take minor versions themselves",
    ),
    ComplianceRule("DatabasesStandTwice", _AWS.RDS_MULTI_AZ_SUPPORT, ("FSBP RDS.5",), "databases survive a zone"),
    ComplianceRule(
        "DatabasesAreBackedUp", _AWS.RDS_DB_INSTANCE_BACKUP_ENABLED, ("FSBP RDS.11",), "databases are backed up"
    ),
    ComplianceRule(
        "SnapshotsAreNotPublic", _AWS.RDS_SNAPSHOTS_PUBLIC_PROHIBITED, ("FSBP RDS.1",), "no snapshot is public"
    ),
    ComplianceRule(
        "TablesCanBeRestored", _AWS.DYNAMODB_PITR_ENABLED, ("FSBP DynamoDB.2",), "tables can go back to any second"
    ),
    ComplianceRule(
        "FunctionsAreNotPublic",
        _AWS.LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED,
        ("FSBP Lambda.1",),
        "no function can be called by everybody",
    ),
    ComplianceRule(
        "SecretsAreRotated",
        _AWS.SECRETSMANAGER_ROTATION_ENABLED_CHECK,
        ("FSBP SecretsManager.1",),
        "secrets have a rotation",
    ),
    ComplianceRule(
        "RotationsSucceed",
        _AWS.SECRETSMANAGER_SCHEDULED_ROTATION_SUCCESS_CHECK,
        ("FSBP SecretsManager.2",),
        "the rotations of secrets succeed",
    ),
)
"""Every rule; documented one by one in docs/compliance.md."""
