"""The certificate that a region's load balancer shows."""

from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration import Domain


class RegionalCertificate(acm.Certificate):
    """Covers the public name of the application and, by one wildcard, the name of it in every region.

    The same in every region, so that any region can answer for the public name. ACM validates it by a record
    that CloudFormation writes to ``zone`` and renews it by the same record.
    """

    def __init__(self, scope: Construct, construct_id: str, *, domain: Domain, zone: route53.IHostedZone) -> None:
        super().__init__(
            scope,
            construct_id,
            domain_name=domain.application,
            subject_alternative_names=[f"*.{domain.application}"],
            validation=acm.CertificateValidation.from_dns(zone),
        )
