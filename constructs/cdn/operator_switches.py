"""Where an operator takes another region out of service: an object in a bucket, and nothing else."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge


class OperatorSwitches(Construct):
    """A bucket for objects named like regions, and the distribution that tells health checkers whether they are there.

    To put an object and to be asked for it takes the data planes of S3 in this region and of CloudFront: no control
    plane, and nothing of the region that is taken out of service. Nothing is cached, and neither the firewall nor the
    countries of the CDN apply: a checker that is refused would find every region in service. The bucket has S3's
    own encryption, so that a switch does not wait for a key. ``access_logs`` is the name of a bucket that admits the
    logs of this one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str,
        name: str,
        certificate: acm.ICertificate,
        access_logs: str,
        logs: s3.IBucket,
        comment: str,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            # Who took a region out of service and when stays known after it is back.
            versioned=True,
            removal_policy=removal_policy,
            auto_delete_objects=removal_policy == cdk.RemovalPolicy.DESTROY,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="History",
                    noncurrent_version_expiration=cdk.Duration.days(365),
                    abort_incomplete_multipart_upload_after=cdk.Duration.days(1),
                    expired_object_delete_marker=True,
                )
            ],
        )
        # By its name: handed the bucket of another stack, CDK would admit log delivery there without conditions.
        cast(
            "s3.CfnBucket", self.bucket.node.default_child
        ).logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=access_logs, log_file_prefix=f"s3/{bucket_name}/"
        )
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=comment,
            domain_names=[name],
            certificate=certificate,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=cloudfront.PriceClass.PRICE_CLASS_100,
            log_bucket=logs,
            log_file_prefix="switches/",
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(self.bucket),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD,
                cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
            ),
            # Or an edge would remember for ten seconds that there is no object.
            error_responses=[
                cloudfront.ErrorResponse(http_status=status, ttl=cdk.Duration.seconds(0)) for status in (403, 404)
            ],
        )
        acknowledge(self, "AwsSolutions-CFR1", reason="Health checkers ask from all over the world")
        acknowledge(
            self, "AwsSolutions-CFR2", reason="Two answers without content; a checker that is refused reads a wrong one"
        )
