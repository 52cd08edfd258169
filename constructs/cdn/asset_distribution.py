"""The CDN of a region: its static assets, and through it the application."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge

from configuration.cdn import INDEX, NOT_FOUND, UNAVAILABLE, Cdn

_PRICE_CLASSES = {
    "100": cloudfront.PriceClass.PRICE_CLASS_100,
    "200": cloudfront.PriceClass.PRICE_CLASS_200,
    "all": cloudfront.PriceClass.PRICE_CLASS_ALL,
}
# 403 is what S3 says of an object that is not there (yet) to whom may not list the bucket.
_ASK_THE_OTHER_BUCKET = [403, 500, 502, 503, 504]
_LOST = cdk.Duration.seconds(10)


@dataclass(frozen=True, kw_only=True)
class PublicNames:
    """The names a distribution answers to, and the certificate that covers them, in the region CloudFront wants."""

    names: Sequence[str]
    certificate: acm.ICertificate


class AssetDistribution(Construct):
    """A distribution over a private bucket and, where the file gives it paths, over the application.

    Reads that ``bucket`` does not answer go to ``fallback``, request by request. An origin group fails over reads
    only, so the application's paths lead to ``application``: its public name, behind which Route 53 knows the
    healthy regions, for writes too. Without ``names`` it answers to its CloudFront name alone.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        fallback: s3.IBucket | None,
        prefix: str,
        application: str,
        settings: Cdn,
        headers: cloudfront.IResponseHeadersPolicy,
        names: PublicNames | None,
        web_acl_arn: str | None,
        logs: s3.IBucket,
        comment: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._headers = headers
        api = self._api_origin(application)
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=comment,
            default_root_object=INDEX,
            domain_names=list(names.names) if names else None,
            certificate=names.certificate if names else None,
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021 if names else None,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            price_class=_PRICE_CLASSES[settings.price_class],
            geo_restriction=self._geo_restriction(),
            web_acl_id=web_acl_arn,
            log_bucket=logs,
            log_file_prefix="assets/",
            default_behavior=cloudfront.BehaviorOptions(
                origin=self._assets_origin(bucket, fallback, prefix),
                allowed_methods=cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
                cache_policy=cloudfront.CachePolicy.CACHING_OPTIMIZED,
                viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
                response_headers_policy=headers,
                compress=True,
            ),
            additional_behaviors={path: self._api_behaviour(api) for path in settings.dynamic_paths},
            error_responses=[
                _error(403, 404, NOT_FOUND, _LOST),
                # What an edge says of an origin it cannot reach; the application's own errors stay as they are.
                _error(502, 502, UNAVAILABLE, cdk.Duration.seconds(0)),
                _error(504, 504, UNAVAILABLE, cdk.Duration.seconds(0)),
            ],
        )
        self._wait_for_answers(buckets=1 if fallback is None else 2)
        self._acknowledge(has_names=names is not None, has_firewall=web_acl_arn is not None)

    def _assets_origin(self, bucket: s3.IBucket, fallback: s3.IBucket | None, prefix: str) -> cloudfront.IOrigin:
        first, *others = (
            origins.S3BucketOrigin.with_origin_access_control(
                chosen,
                origin_path=f"/{prefix}",
                connection_attempts=self._settings.assets_origin.connection_attempts,
                connection_timeout=cdk.Duration.seconds(self._settings.assets_origin.connection_timeout),
            )
            for chosen in (bucket, fallback)
            if chosen is not None
        )
        if not others:
            return first
        return origins.OriginGroup(
            primary_origin=first, fallback_origin=others[0], fallback_status_codes=_ASK_THE_OTHER_BUCKET
        )

    def _api_origin(self, application: str) -> cloudfront.IOrigin:
        patience = self._settings.api_origin
        return origins.HttpOrigin(
            application,
            protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
            origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
            connection_attempts=patience.connection_attempts,
            connection_timeout=cdk.Duration.seconds(patience.connection_timeout),
            read_timeout=cdk.Duration.seconds(patience.response_timeout),
        )

    def _api_behaviour(self, api: cloudfront.IOrigin) -> cloudfront.BehaviorOptions:
        return cloudfront.BehaviorOptions(
            origin=api,
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            # Without the Host header, because the load balancer's certificate is asked for the application's name.
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            # A redirected write would be sent again as a read, if at all.
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            response_headers_policy=self._headers,
            compress=True,
        )

    def _geo_restriction(self) -> cloudfront.GeoRestriction | None:
        countries = self._settings.countries
        if countries.allow:
            return cloudfront.GeoRestriction.allowlist(*countries.allow)
        return cloudfront.GeoRestriction.denylist(*countries.block) if countries.block else None

    def _wait_for_answers(self, *, buckets: int) -> None:
        """How long CloudFront waits for S3's answer; no construct takes it for S3 yet."""
        resource = cast("cloudfront.CfnDistribution", self.distribution.node.default_child)
        for position in range(buckets):
            resource.add_property_override(
                f"DistributionConfig.Origins.{position}.S3OriginConfig.OriginReadTimeout",
                self._settings.assets_origin.response_timeout,
            )

    def _acknowledge(self, *, has_names: bool, has_firewall: bool) -> None:
        if not self._settings.countries.allow and not self._settings.countries.block:
            acknowledge(self, "AwsSolutions-CFR1", reason="The environment file has the assets readable everywhere")
        if not has_firewall:
            acknowledge(self, "AwsSolutions-CFR2", reason="The environment file has no firewall before the CDN")
        if not has_names:
            acknowledge(
                self,
                "AwsSolutions-CFR4",
                reason="The environment file has the distribution answer to its CloudFront name, whose certificate "
                "fixes the protocol policy",
            )


def _error(status: int, shown: int, page: str, ttl: cdk.Duration) -> cloudfront.ErrorResponse:
    return cloudfront.ErrorResponse(
        http_status=status, response_http_status=shown, response_page_path=f"/{page}", ttl=ttl
    )
