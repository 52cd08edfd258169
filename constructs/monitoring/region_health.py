"""One message for one fault: what a region's alarms mean together."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.alarm_rules import firing
from constructs.shared.platform_alarm import PlatformAlarm, PlatformCompositeAlarm, ReportingAlarm, Severity


class RegionHealth(Construct):
    """An alarm that the region is sick, and one for each component that is.

    ``components`` are the critical alarms by the component they concern. A component's alarm takes over their
    messages: ten alarms of one fault make one message. The region's alarm fires when two components are sick at
    once or when the region does not answer from ``outside``, and then the components' alarms keep quiet.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        region: str,
        components: Mapping[str, Sequence[ReportingAlarm]],
        outside: PlatformAlarm | None,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        sick = {name: _any(alarms) for name, alarms in components.items()}
        # By the alarms themselves: a composite cannot be made before those it names, and the components' alarms,
        # which wait for this one, are made after it.
        grounds = [cloudwatch.AlarmRule.all_of(*pair) for pair in combinations(sick.values(), 2)]
        if outside is not None:
            grounds.append(firing(outside))
        self.region_alarm = PlatformCompositeAlarm(
            self,
            "Region",
            rule=cloudwatch.AlarmRule.any_of(*grounds),
            severity=Severity.CRITICAL,
            meaning=(
                f"The region {region} is sick: it does not answer from outside, or several of its components fail "
                "at once. Clients should be served by the other regions."
            ),
            runbook="region-sick",
            topic=topic,
            replaces=[outside] if outside is not None else (),
        )
        if outside is not None:
            self.region_alarm.node.add_dependency(outside)
        self.component_alarms = [
            PlatformCompositeAlarm(
                self,
                name,
                rule=rule,
                severity=Severity.CRITICAL,
                meaning=f"The component {name} of {region} is sick; the alarms that fire say how.",
                runbook="component-sick",
                topic=topic,
                replaces=components[name],
                suppressed_by=self.region_alarm,
            )
            for name, rule in sick.items()
        ]


def _any(alarms: Sequence[ReportingAlarm]) -> cloudwatch.IAlarmRule:
    return cloudwatch.AlarmRule.any_of(*(firing(alarm) for alarm in alarms))
