"""Edge: what CloudFront wants in one region, wherever the distributions' stacks stand."""

from constructs import Construct
from constructs.dns.public_zone import public_zone
from constructs.dns.regional_certificate import RegionalCertificate
from constructs.shared.platform_key import PlatformKey
from constructs.shared.platform_web_acl import PlatformWebAcl
from constructs.shared.published_value import publish

from configuration.names import Key, Stacks
from stacks.tap_stack import TapStack, TapStackProps

CERTIFICATE_ARN = "CertificateArn"
WEB_ACL_ARN = "WebAclArn"


class EdgeStack(TapStack):
    """The certificate of the distributions and, where the file has one, their firewall.

    It stands once, in the region to which AWS pins both, whether or not the platform has anything else there, and
    is deployed before the regions' CDN stacks, which look its outputs up.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.EDGE, props=props, description="Certificate and firewall of the distributions")
        environment, names = props.environment, props.names
        self.certificate = RegionalCertificate(
            self,
            "Certificate",
            domain=environment.domain,
            zone=public_zone(self, "Zone", domain=environment.domain, names=names),
        )
        publish(self, CERTIFICATE_ARN, self.certificate.certificate_arn)
        if environment.cdn.waf.enabled:
            publish(self, WEB_ACL_ARN, self._firewall().web_acl.attr_arn)

    def _firewall(self) -> PlatformWebAcl:
        environment, names = self.props.environment, self.props.names
        key = PlatformKey(
            self,
            "EdgeKey",
            alias=names.alias(Key.EDGE),
            description=f"Log group of the edge's firewall of {names.prefix}",
            removal_policy=self.removal_policy,
        )
        key.allow_log_groups()
        return PlatformWebAcl(
            self,
            "Firewall",
            protects="CLOUDFRONT",
            requests_per_five_minutes=environment.cdn.waf.requests_per_five_minutes,
            log_group_name=names.web_acl_logs(Stacks.EDGE),
            logs_key=key,
            log_retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
