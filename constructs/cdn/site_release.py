"""A version of the site: put beside the one before, switched to as a whole, and then asked for anew by the edges."""

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.python_function import PythonFunction

from configuration.cdn import PROJECT
from configuration.site import RELEASES, release_prefix


class SiteRelease(Construct):
    """The files of ``site`` in ``bucket`` below ``prefix``, which their contents decide.

    A distribution that reads below ``prefix`` changes from one version to the next at once, and back when its
    stack is rolled back. Earlier versions stay. Every region that has the same site has the same prefix, so each
    can serve from another's bucket.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        site: str,
        bucket: s3.IBucket,
        bucket_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        archive = assets.Asset(self, "Archive", path=str(PROJECT / site))
        self.prefix = release_prefix(site)
        self._function = PythonFunction(
            self,
            "Function",
            package="release_site",
            description="Puts releases of the site into the bucket and invalidates the edges' copies",
            environment={},
            environment_key=logs_key,
            logs_key=logs_key,
            log_retention_days=log_retention_days,
            removal_policy=removal_policy,
            timeout=cdk.Duration.minutes(5),
            memory_mib=512,
        )
        stack = cdk.Stack.of(self)
        releases = f"{bucket.bucket_arn}/{RELEASES}/*"
        for statement in (
            iam.PolicyStatement(sid="Releases", actions=["s3:PutObject"], resources=[releases]),
            iam.PolicyStatement(
                sid="Encryption",
                actions=["kms:GenerateDataKey"],
                resources=[bucket_key.key_arn],
                conditions={"StringEquals": {"kms:ViaService": f"s3.{stack.region}.amazonaws.com"}},
            ),
            iam.PolicyStatement(
                sid="Archive",
                actions=["s3:GetObject"],
                resources=[archive.bucket.arn_for_objects(archive.s3_object_key)],
            ),
        ):
            self._function.add_to_role_policy(statement)
        # On this construct, because the role is the function's neighbour and not below it.
        acknowledge(self, f"AwsSolutions-IAM5[Resource::{releases}]", reason="Each release has a prefix of its own")
        self.files = self._resource(
            "Files",
            "Custom::SiteRelease",
            {
                "Bucket": bucket.bucket_name,
                "ArchiveBucket": archive.s3_bucket_name,
                "ArchiveKey": archive.s3_object_key,
            },
        )

    def invalidate(self, distribution: cloudfront.IDistribution) -> None:
        """Let the edges of ``distribution`` ask anew for everything, after it has changed to this release."""
        stack = cdk.Stack.of(self)
        # A policy of its own: the function's would wait for the distribution, which waits for the files.
        policy = iam.Policy(
            self,
            "Invalidate",
            statements=[
                iam.PolicyStatement(
                    actions=["cloudfront:CreateInvalidation"],
                    resources=[
                        stack.format_arn(
                            service="cloudfront",
                            region="",
                            resource="distribution",
                            resource_name=distribution.distribution_id,
                        )
                    ],
                )
            ],
        )
        assert self._function.role  # noqa: S101 - it was given one
        policy.attach_to_role(self._function.role)
        forgotten = self._resource(
            "Invalidation", "Custom::SiteInvalidation", {"DistributionId": distribution.distribution_id}
        )
        forgotten.node.add_dependency(policy, distribution)

    def _resource(self, construct_id: str, resource_type: str, properties: dict[str, str]) -> cdk.CustomResource:
        resource = cdk.CustomResource(
            self,
            construct_id,
            service_token=self._function.function_arn,
            resource_type=resource_type,
            properties={"Release": self.prefix, **properties},
            service_timeout=cdk.Duration.minutes(6),
        )
        # What it may do has to be there before it, and to outlive it.
        resource.node.add_dependency(self._function)
        return resource
