"""CDN: the edge of a region's static assets."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.cdn.asset_distribution import AssetDistribution, PublicNames
from constructs.cdn.operator_switches import OperatorSwitches
from constructs.cdn.security_headers import SecurityHeaders
from constructs.cdn.site_release import SiteRelease
from constructs.dns.address_records import AddressRecords
from constructs.dns.public_zone import public_zone
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.published_value import published_in
from constructs.storage.audit_log_bucket import AuditLogBucket
from constructs.storage.lifecycle import ageing_objects

from configuration import Region
from configuration.names import Bucket, Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from stacks.edge import CERTIFICATE_ARN, WEB_ACL_ARN
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps


class CdnStack(TapStack):
    """The distribution over the region's assets, and the switches of the regions whose copies this one keeps.

    The home region's distribution answers for the public name, every region's for a name of its own: a change is
    seen in one region before it reaches the next. Buckets are known by their names: were they passed as objects,
    their policies would have to know the distribution, and the two stacks would wait for each other.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps, security: SecurityStack) -> None:
        super().__init__(scope, Stacks.CDN, props=props, description="CloudFront over the static assets")
        environment, domain = props.environment, props.environment.domain
        self._zone = public_zone(self, "Zone", domain=domain, names=props.names)
        self._certificate = acm.Certificate.from_certificate_arn(self, "Certificate", self._of_edge(CERTIFICATE_ARN))
        self.logs = AuditLogBucket(
            self,
            "Logs",
            bucket_name=props.names.bucket(Bucket.CDN_LOGS, self.region),
            lifecycle_rules=ageing_objects(environment.storage),
            removal_policy=self.removal_policy,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_PREFERRED,
        )
        assets = self._bucket("StaticAssets", Bucket.STATIC_ASSETS, props.region)
        self.site = SiteRelease(
            self,
            "Site",
            site=environment.cdn.site,
            bucket=assets,
            bucket_key=security.storage_key,
            logs_key=security.logs_key,
            log_retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        names = self._public_names() if environment.cdn.custom_names else []
        self.cdn = AssetDistribution(
            self,
            "Assets",
            bucket=assets,
            fallback=self._bucket("PartnersAssets", Bucket.STATIC_ASSETS, props.partner) if props.partner else None,
            prefix=self.site.prefix,
            application=domain.application,
            settings=environment.cdn,
            headers=SecurityHeaders(
                self, "SecurityHeaders", policy_name=props.names.resource(f"SecurityHeaders-{self.region}")
            ),
            names=PublicNames(names=names, certificate=self._certificate) if names else None,
            web_acl_arn=self._of_edge(WEB_ACL_ARN) if environment.cdn.waf.enabled else None,
            logs=self.logs,
            comment=f"{props.names.prefix} assets of {self.region}",
        )
        self.cdn.distribution.node.add_dependency(self.site.files)
        self.site.invalidate(self.cdn.distribution)
        for name in names:
            self._records("PublicName" if name == domain.cdn else "RegionalName", name, self.cdn.distribution)
        self.switches = self._switches() if environment.keeps_switches(props.region) else None
        acknowledge(
            self,
            "Annotation::@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac",
            reason="The storage stack writes the bucket's policy itself",
        )

    def _public_names(self) -> list[str]:
        domain = self.props.environment.domain
        return [*([domain.cdn] if self.props.is_home else []), domain.cdn_in(self.props.region)]

    def _switches(self) -> OperatorSwitches:
        props = self.props
        name = props.environment.domain.switches_in(props.region)
        switches = OperatorSwitches(
            self,
            "Switches",
            bucket_name=props.names.bucket(Bucket.SWITCHES, self.region),
            name=name,
            certificate=self._certificate,
            access_logs=props.names.bucket(Bucket.AUDIT_LOGS, self.region),
            logs=self.logs,
            comment=f"{props.names.prefix} switches kept in {self.region}",
            removal_policy=self.removal_policy,
        )
        self._records("SwitchesName", name, switches.distribution)
        return switches

    def _records(self, construct_id: str, name: str, distribution: cloudfront.IDistribution) -> None:
        target: route53.IAliasRecordTarget = targets.CloudFrontTarget(distribution)
        AddressRecords(self, construct_id, zone=self._zone, name=name, target=target, evaluate_target_health=False)

    def _bucket(self, construct_id: str, purpose: Bucket, region: Region) -> s3.IBucket:
        name = self.props.names.bucket(purpose, region.name)
        return s3.Bucket.from_bucket_attributes(self, construct_id, bucket_name=name, region=region.name)

    def _of_edge(self, key: str) -> str:
        stack_name = self.props.names.stack(Stacks.EDGE, GLOBAL_SERVICES_REGION)
        return published_in(GLOBAL_SERVICES_REGION, stack_name, key)
