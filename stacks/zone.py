"""Zone: the public names, where the platform creates their zone."""

from constructs import Construct
from constructs.dns.public_zone import PublicZone

from configuration.names import Stacks
from stacks.tap_stack import TapStack, TapStackProps


class ZoneStack(TapStack):
    """Stands once and is deployed first, because every region's certificate is validated in its zone."""

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.ZONE, props=props, description="The zone of the public names")
        self.zone = PublicZone(self, "Public", domain=props.environment.domain, removal_policy=self.removal_policy).zone
