"""The certificate that a region's load balancer shows, and CloudFront shows for the CDN."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration import Domain


class RegionalCertificate(acm.Certificate):
    """Covers the public names of the application and of the CDN, and by a wildcard each the names of every region.

    The same in every region, so that any region can answer for the public names. ACM validates it by records
    that CloudFormation writes to ``zone`` and renews it by the same records.
    """

    def __init__(self, scope: Construct, construct_id: str, *, domain: Domain, zone: route53.IHostedZone) -> None:
        super().__init__(
            scope,
            construct_id,
            domain_name=domain.application,
            subject_alternative_names=[f"*.{domain.application}", domain.cdn, f"*.{domain.cdn}"],
            validation=acm.CertificateValidation.from_dns(zone),
        )
