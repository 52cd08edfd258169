"""CICD: how releases reach the regions."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.delivery.artifact_lifecycle import release_artifacts
from constructs.delivery.release_notices import ReleaseNotices
from constructs.delivery.release_pipeline import Release, ReleasePipeline
from constructs.delivery.release_roles import ReleaseRoles, bootstrap_role
from constructs.delivery.repository_connection import RepositoryConnection
from constructs.shared.platform_key import PlatformKey
from constructs.shared.platform_log_group import PlatformLogGroup
from constructs.storage.audit_log_bucket import AuditLogBucket
from constructs.storage.data_bucket import DataBucket
from constructs.storage.lifecycle import ageing_objects

from configuration.delivery import Delivery
from configuration.names import Bucket, Key, Stacks, Topic
from stacks.tap_stack import TapStack, TapStackProps


class CicdStack(TapStack):
    """The artifacts of releases in one region, and the region's pipeline.

    A region that is none of the environment's, but has stacks of the platform, gets artifacts alone.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps, delivery: Delivery, release: Release) -> None:
        super().__init__(scope, Stacks.CICD, props=props, description="Releases")
        self._release = release
        self.key = PlatformKey(
            self,
            "ArtifactsKey",
            alias=props.names.alias(Key.ARTIFACTS),
            description=f"Release artifacts of {props.names.prefix}",
            removal_policy=self.removal_policy,
        )
        self.key.allow_log_groups()
        self.access_logs = AuditLogBucket(
            self,
            "AccessLogs",
            bucket_name=props.names.bucket(Bucket.ARTIFACT_LOGS, self.region),
            lifecycle_rules=ageing_objects(props.environment.storage),
            removal_policy=self.removal_policy,
        )
        self.artifacts = DataBucket(
            self,
            "Artifacts",
            bucket_name=props.names.bucket(Bucket.ARTIFACTS, self.region),
            key=self.key,
            access_logs=self.access_logs,
            lifecycle_rules=release_artifacts(),
            removal_policy=self.removal_policy,
        )
        # Every region's pipeline deploys here, by the role that is meant for it; IAM lets that role read artifacts
        # of other accounts alone.
        self.artifacts.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Deployments",
                principals=[iam.ArnPrincipal(bootstrap_role(self, "deploy", self.region))],
                actions=["s3:GetBucket*", "s3:GetObject*", "s3:List*"],
                resources=[self.artifacts.bucket_arn, self.artifacts.arn_for_objects("*")],
            )
        )
        if props.region in props.environment.regions:
            self._pipeline(delivery)

    def _pipeline(self, delivery: Delivery) -> None:
        environment = self.props.environment
        names = environment.names
        connection = RepositoryConnection(
            self, "Connection", existing=delivery.connection_in(self.region), name=names.prefix
        )
        others = [region for region in self._release.regions if region != self.region]
        builds = PlatformLogGroup(
            self,
            "Builds",
            key=self.key,
            retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        roles = ReleaseRoles(
            self,
            "Roles",
            connection_arn=connection.arn,
            artifacts=self.artifacts,
            key=self.key,
            log_group=builds,
            regions=self._release.regions,
            stack_name_prefix=f"{names.prefix}-",
        )
        roles.allow_artifact_keys(others, alias=names.alias(Key.ARTIFACTS))
        ReleasePipeline(
            self,
            "Release",
            environment=environment,
            delivery=delivery,
            release=self._release,
            connection_arn=connection.arn,
            artifacts=self.artifacts,
            other_artifacts={region: self._artifacts_in(region) for region in others},
            roles=roles,
            log_group=builds,
            sibling_stacks=[f"{Stacks.CICD}-{region}" for region in others],
        )
        topic = self.regional_arn("sns", names.topic(Topic.NOTIFICATION))
        ReleaseNotices(
            self,
            "Notices",
            pipeline_name=names.pipeline,
            environment=names.prefix,
            topic=sns.Topic.from_topic_arn(self, "NotificationTopic", topic),
        )

    def _artifacts_in(self, region: str) -> s3.IBucket:
        """Another region's artifacts, known by name; CodePipeline takes the alias of their key for the key."""
        alias = self.regional_arn("kms", self.props.names.alias(Key.ARTIFACTS), region=region)
        return s3.Bucket.from_bucket_attributes(
            self,
            f"Artifacts-{region}",
            bucket_name=self.props.names.bucket(Bucket.ARTIFACTS, region),
            region=region,
            encryption_key=kms.Key.from_key_arn(self, f"ArtifactsKey-{region}", alias),
        )
