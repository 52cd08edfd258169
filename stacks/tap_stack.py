"""What every stack of the platform is."""

from dataclasses import dataclass

import aws_cdk as cdk
from constructs import Construct
from constructs.shared.platform_alarm import RUNBOOKS_CONTEXT

from configuration import Environment, Names, Region
from configuration.names import Stacks
from configuration.partition import PARTITION


@dataclass(frozen=True, kw_only=True)
class TapStackProps:
    """What every stack needs: the environment it belongs to and the region it stands in."""

    environment: Environment
    region: Region

    @property
    def names(self) -> Names:
        """The physical names of the environment."""
        return self.environment.names

    @property
    def partner(self) -> Region | None:
        """The region that holds this region's copies."""
        return self.environment.partner_of(self.region)

    @property
    def is_home(self) -> bool:
        """Whether this is the region of what exists once per environment."""
        return self.region == self.environment.home


class TapStack(cdk.Stack):
    """A stack of one service in one region, named ``<Team>-<Environment>-<Service>-<region>``.

    It is bound to an account and a region, tagged on itself and on its resources, protected from deletion
    where the environment retains data, and knows its Availability Zones without a lookup.
    """

    def __init__(self, scope: Construct, service: Stacks, *, props: TapStackProps, description: str) -> None:
        self.props = props
        environment = props.environment
        tags = {
            "Owner": environment.owner,
            "Purpose": environment.purpose,
            "Environment": environment.environment,
        }
        super().__init__(
            scope,
            f"{service}-{props.region.name}",
            stack_name=props.names.stack(service, props.region.name),
            description=description,
            env=cdk.Environment(account=environment.account, region=props.region.name),
            termination_protection=environment.retain_data,
            # On the stack: CloudFormation passes them on to what macros and nested stacks create.
            tags=tags,
        )
        # Inherited by every alarm, like the tags: constructs need not hand it down.
        self.node.set_context(RUNBOOKS_CONTEXT, environment.monitoring.runbooks_url)
        # On the resources: visible in the template, so that tests and reviewers see them.
        for key, value in tags.items():
            cdk.Tags.of(self).add(key, value)

    @property
    def availability_zones(self) -> list[str]:
        """The zones named by the environment file; CDK would otherwise ask the account for them."""
        return list(self.props.region.zone_names)

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """What becomes of data when its resource leaves the template.

        Retained data still goes when its very first creation fails, so that a second attempt finds its name free.
        """
        if self.props.environment.retain_data:
            return cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
        return cdk.RemovalPolicy.DESTROY

    def regional_arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """The ARN of a resource whose name is known, in this region or another, without a reference to it."""
        return f"arn:{PARTITION}:{service}:{region or self.region}:{self.account}:{resource}"
