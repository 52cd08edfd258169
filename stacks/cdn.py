"""CDN: the edge of a region's static assets."""

from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.cdn.asset_distribution import AssetDistribution
from constructs.shared.acknowledgement import acknowledge
from constructs.storage.audit_log_bucket import AuditLogBucket
from constructs.storage.lifecycle import ageing_objects

from configuration.names import Bucket, Stacks
from stacks.tap_stack import TapStack, TapStackProps


class CdnStack(TapStack):
    """The distribution over the region's assets.

    The bucket is known by its name: were it passed as an object, its policy would have to know the
    distribution, and the two stacks would wait for each other.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.CDN, props=props, description="CloudFront over the static assets")
        assets = s3.Bucket.from_bucket_attributes(
            self,
            "StaticAssets",
            bucket_name=props.names.bucket(Bucket.STATIC_ASSETS, self.region),
            region=self.region,
        )
        self.logs = AuditLogBucket(
            self,
            "Logs",
            bucket_name=props.names.bucket(Bucket.CDN_LOGS, self.region),
            lifecycle_rules=ageing_objects(props.environment.storage),
            removal_policy=self.removal_policy,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        )
        self.cdn = AssetDistribution(
            self, "Assets", bucket=assets, logs=self.logs, comment=f"{props.names.prefix} assets of {self.region}"
        )
        acknowledge(
            self,
            "Annotation::@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac",
            reason="The storage stack writes the bucket's policy itself",
        )
