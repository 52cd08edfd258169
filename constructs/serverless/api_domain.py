"""A name for the API, the same in every region."""

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_certificatemanager as acm
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53_targets as targets
from constructs import Construct
from constructs.serverless.api_gateway import ACCESS_MODE, SECURITY_POLICY


class ApiDomain(Construct):
    """``domain_name`` leads to ``api``, in the region that is nearest to the caller.

    Calls by this name are signed for whichever region answers, or for all of them with SigV4a.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain_name: str,
        certificate_arn: str,
        api: apigateway.RestApi,
        zone: route53.IHostedZone,
        region: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.domain = apigateway.DomainName(
            self,
            "Domain",
            domain_name=domain_name,
            certificate=acm.Certificate.from_certificate_arn(self, "Certificate", certificate_arn),
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=SECURITY_POLICY,
            endpoint_access_mode=ACCESS_MODE,
            mapping=api,
        )
        route53.ARecord(
            self,
            "Record",
            zone=zone,
            record_name=f"{domain_name}.",
            target=route53.RecordTarget.from_alias(targets.ApiGatewayDomain(self.domain)),
            region=region,
            set_identifier=region,
        )
