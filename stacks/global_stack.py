"""Global: what stands once and leads clients to a healthy region."""

from aws_cdk import aws_route53 as route53
from constructs import Construct

from configuration.names import Stacks
from stacks.tap_stack import TapStack, TapStackProps


class GlobalStack(TapStack):
    """The public zone's health checks; in the region to which AWS pins their metrics."""

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.GLOBAL, props=props, description="Health checks of the regions")
        for region in props.environment.regions:
            route53.HealthCheck(
                self,
                f"Health-{region.name}",
                type=route53.HealthCheckType.HTTPS,
                fqdn=f"{region.name}.{props.environment.domain.name}",
                port=443,
                resource_path="/health/deep",
            )
