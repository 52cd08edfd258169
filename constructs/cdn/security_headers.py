"""The headers by which browsers are told to be careful."""

import aws_cdk as cdk
from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct


class SecurityHeaders(cloudfront.ResponseHeadersPolicy):
    """TLS only for two years, no frames, no guessed types, nothing loaded from elsewhere.

    A header that the origin sends itself is kept, so that an application can be stricter or laxer where it has to.
    ``policy_name`` is unique within the account.
    """

    def __init__(self, scope: Construct, construct_id: str, *, policy_name: str) -> None:
        super().__init__(
            scope,
            construct_id,
            response_headers_policy_name=policy_name,
            security_headers_behavior=cloudfront.ResponseSecurityHeadersBehavior(
                strict_transport_security=cloudfront.ResponseHeadersStrictTransportSecurity(
                    access_control_max_age=cdk.Duration.days(730), include_subdomains=True, override=False
                ),
                content_security_policy=cloudfront.ResponseHeadersContentSecurityPolicy(
                    content_security_policy="default-src 'self'; frame-ancestors 'none'; object-src 'none'",
                    override=False,
                ),
                content_type_options=cloudfront.ResponseHeadersContentTypeOptions(override=True),
                frame_options=cloudfront.ResponseHeadersFrameOptions(
                    frame_option=cloudfront.HeadersFrameOption.DENY, override=False
                ),
                referrer_policy=cloudfront.ResponseHeadersReferrerPolicy(
                    referrer_policy=cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override=False
                ),
            ),
        )
