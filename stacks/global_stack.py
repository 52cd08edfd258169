"""Global: what stands once and leads clients to a healthy region."""

from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.dns.public_zone import public_zone
from constructs.routing.latency_records import LatencyRecord
from constructs.routing.region_checks import RegionChecks
from constructs.routing.routing_alarms import RoutingAlarms
from constructs.shared.platform_key import PlatformKey
from constructs.shared.platform_topic import PlatformTopic

from configuration import Region
from configuration.names import Key, Stacks, Topic
from stacks.tap_stack import TapStack, TapStackProps


class GlobalStack(TapStack):
    """The public name of the application, the health checks it goes by, and the alarms on these.

    It knows regions by their names alone, so it can be deployed while any of them is lost; it stands in the region to
    which AWS pins the metrics of health checks, whether or not the platform has anything else there.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps) -> None:
        super().__init__(scope, Stacks.GLOBAL, props=props, description="Latency records and health checks")
        environment, domain, routing = props.environment, props.environment.domain, props.environment.routing
        zone = public_zone(self, "Zone", domain=domain, names=props.names)
        self.checks = {region: self._checks(region) for region in environment.regions}
        topic = self._topic()
        for region, checks in self.checks.items():
            others = [self.checks[other] for other in environment.others_than(region)]
            LatencyRecord(
                self,
                f"Application-{region.name}",
                zone=zone,
                region=region.name,
                name=domain.application,
                live_name=domain.live_in(region),
                regional_name=domain.application_in(region),
                in_service=checks.in_service,
                dependencies=checks.dependencies(others),
                design=routing.record_design,
                ttl=routing.record_ttl,
            )
            RoutingAlarms(self, f"Alarms-{region.name}", region=region.name, checks=checks, topic=topic)

    def _checks(self, region: Region) -> RegionChecks:
        environment = self.props.environment
        keeper = environment.partner_of(region)
        return RegionChecks(
            self,
            f"Checks-{region.name}",
            application_in=environment.domain.application_in(region),
            health_path=environment.compute.application.health_path,
            switch=(environment.domain.switches_in(keeper), f"/{region.name}") if keeper else None,
            has_others=len(environment.regions) > 1,
            routing=environment.routing,
        )

    def _topic(self) -> sns.ITopic:
        """The alarm topic of this region, or where the platform has no other stack here, an alert topic of its own."""
        if self.props.region in self.props.environment.regions:
            arn = self.regional_arn("sns", self.props.names.topic(Topic.ALARM))
            return sns.Topic.from_topic_arn(self, "AlarmTopic", arn)
        key = PlatformKey(
            self,
            "RoutingKey",
            alias=self.props.names.alias(Key.ROUTING),
            description=f"Alerts about routing of {self.props.names.prefix}",
            removal_policy=self.removal_policy,
            services=("cloudwatch.amazonaws.com", "sns.amazonaws.com"),
        )
        return PlatformTopic(
            self,
            Topic.ALERT,
            topic_name=self.props.names.topic(Topic.ALERT),
            key=key,
            publishers=("cloudwatch.amazonaws.com",),
        )
