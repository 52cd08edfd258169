"""The CDN of a region's static assets."""

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge


class AssetDistribution(Construct):
    """A distribution over a private bucket: TLS only, security headers, HTTP/3, read by its own access control."""

    def __init__(
        self, scope: Construct, construct_id: str, *, bucket: s3.IBucket, logs: s3.IBucket, comment: str
    ) -> None:
        super().__init__(scope, construct_id)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=comment,
            default_root_object="index.html",
            log_bucket=logs,
            log_file_prefix="assets/",
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            default_behavior=cloudfront.BehaviorOptions(
                origin=origins.S3BucketOrigin.with_origin_access_control(bucket),
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=cloudfront.ResponseHeadersPolicy.SECURITY_HEADERS,
            ),
        )
        acknowledge(self, "AwsSolutions-CFR1", reason="The assets are public everywhere")
        acknowledge(self, "AwsSolutions-CFR2", reason="Read-only public files; there is no application to protect here")
        acknowledge(
            self,
            "AwsSolutions-CFR4",
            reason="The distribution answers to its CloudFront name, whose certificate fixes the protocol policy",
        )
