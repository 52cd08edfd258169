"""Customer managed keys, one per purpose and region."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from configuration.partition import PARTITION


class PlatformKey(kms.Key):
    """A key with yearly rotation and an alias; ``services`` may use it on behalf of this account's resources.

    The L2 constructs do not write the statements that AWS services need to use a customer managed key, and
    a missing one fails at run time without a word, so each key names its services when it is made.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        alias: str,
        description: str,
        removal_policy: cdk.RemovalPolicy,
        services: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            alias=alias,
            description=description,
            enable_key_rotation=True,
            removal_policy=removal_policy,
            pending_window=cdk.Duration.days(7 if removal_policy == cdk.RemovalPolicy.DESTROY else 30),
        )
        if services:
            self.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="ServicesOfThisAccount",
                    principals=[iam.ServicePrincipal(service) for service in services],
                    actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                    resources=["*"],  # in a key policy this means the key itself
                    conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
                )
            )

    def allow_events_to_topics(self) -> None:
        """Admit EventBridge for the topics of this account and region that its rules publish to.

        By the topic, because SNS passes EventBridge's source account and source ARN on to no key.
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        topics = cdk.Stack.of(self).format_arn(service="sns", resource="*")
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EventsToTopics",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
            )
        )

    def allow_trail(self, trail_arn: str) -> None:
        """Admit CloudTrail for the trail ``trail_arn`` alone, which may not exist yet, and for its bucket.

        Without a condition on the encryption context, which differs: the logs are encrypted for the trail, their
        digests for the bucket, whose bucket key has to be decrypted too.
        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
        """
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="TheTrail",
                principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
                actions=["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceArn": trail_arn}},
            )
        )

    def allow_volumes(self) -> None:
        """Admit EC2 for the volumes of this account and region, on whoever's behalf it launches instances.

        The statement is that of the key AWS itself would take. Naming the role of Auto Scaling instead would fail
        in an account where nothing has made that role yet.
        https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
        """
        stack = cdk.Stack.of(self)
        through_ec2 = {"kms:CallerAccount": stack.account, "kms:ViaService": f"ec2.{stack.region}.amazonaws.com"}
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Volumes",
                principals=[iam.AnyPrincipal()],
                actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                resources=["*"],
                conditions={"StringEquals": through_ec2},
            )
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="VolumeGrants",
                principals=[iam.AnyPrincipal()],
                actions=["kms:CreateGrant"],
                resources=["*"],
                conditions={"StringEquals": through_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}},
            )
        )

    def allow_log_groups(self) -> None:
        """Admit CloudWatch Logs for the log groups of this account and region.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        """
        stack = cdk.Stack.of(self)
        log_groups = stack.format_arn(service="logs", resource="*")
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="LogGroups",
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=[
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:Describe*",
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )

    def allow_distributions(self) -> None:
        """Admit CloudFront for the distributions of this account, which read encrypted buckets.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
        """
        account = cdk.Stack.of(self).account
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="DistributionsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudfront.amazonaws.com")],
                actions=["kms:Decrypt"],
                resources=["*"],
                conditions={"ArnLike": {"aws:SourceArn": f"arn:{PARTITION}:cloudfront::{account}:distribution/*"}},
            )
        )
