"""Where the trail's logs are kept."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge


class TrailBucket(s3.Bucket):
    """Takes the logs of the trail ``trail_arn`` and of nobody else; with ``lock_days`` nobody can change them.

    The policy names the trail before it exists, by the ARN that it will have.
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        key: kms.IKey,
        trail_arn: str,
        lock_days: int | None,
        lock_mode: str,
        lifecycle_rules: list[s3.LifecycleRule],
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        lock = s3.ObjectLockRetention.compliance if lock_mode == "compliance" else s3.ObjectLockRetention.governance
        super().__init__(
            scope,
            construct_id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=True,
            object_lock_enabled=lock_days is not None,
            object_lock_default_retention=lock(cdk.Duration.days(lock_days)) if lock_days else None,
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy == cdk.RemovalPolicy.DESTROY,
            lifecycle_rules=lifecycle_rules,
        )
        account = cdk.Stack.of(self).account
        service = iam.ServicePrincipal("cloudtrail.amazonaws.com")
        of_the_trail = {"aws:SourceArn": trail_arn}
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="TrailAsksWhoseBucketItIs",
                principals=[service],
                actions=["s3:GetBucketAcl"],
                resources=[self.bucket_arn],
                conditions={"StringEquals": of_the_trail},
            )
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="TrailWrites",
                principals=[service],
                actions=["s3:PutObject"],
                resources=[self.arn_for_objects(f"AWSLogs/{account}/*")],
                conditions={"StringEquals": {**of_the_trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
            )
        )
        acknowledge(
            self,
            "AwsSolutions-S1",
            reason="It is made before the bucket of the access logs; who reads it is in the trail itself",
        )
