"""What watches the platform as it was deployed: alarms that tell somebody, dashboards, the record of the account.

The local AWS measures little, so what is shown is that the alarms stand, know their receivers, and that a message of
an alarm has a way to people; which fires when is what the tests of the templates show.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from configuration import Environment, Region
from configuration.names import Stacks
from ops.local.check import Check, CheckFailedError, Context


def checks(environment: Environment) -> Iterator[Check]:
    """Two checks for each region, and two for the home region."""
    for region in environment.regions:
        yield AlarmsTellSomebody(region)
        yield DashboardStands(region, environment.names.resource(region.name))
    yield DashboardStands(environment.home, environment.names.resource("Platform"))
    if environment.security.cloud_trail == "create":
        yield TrailRecords(environment.home, environment.names.trail)


@dataclass(frozen=True)
class AlarmsTellSomebody:
    """Every alarm made for people has a receiver that exists, itself or by a composite that names it."""

    region: Region

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} every alarm tells somebody"

    def run(self, context: Context) -> str:
        """Hold what is deployed against the topics of the region."""
        cloudwatch, sns = (context.client(service, self.region.name) for service in ("cloudwatch", "sns"))
        topics = {topic["TopicArn"] for page in _pages(sns, "list_topics") for topic in page["Topics"]}
        metric_alarms: list[Any] = []
        composites: list[Any] = []
        for page in _pages(cloudwatch, "describe_alarms", AlarmTypes=["MetricAlarm", "CompositeAlarm"]):
            metric_alarms += page.get("MetricAlarms", [])
            composites += page.get("CompositeAlarms", [])
        # The others are read by machines: by a scaling policy, and by ECS, which undoes a release.
        people = [alarm for alarm in (*metric_alarms, *composites) if "Severity: " in alarm.get("AlarmDescription", "")]
        rules = " ".join(composite["AlarmRule"] for composite in composites)
        unheard = [
            alarm["AlarmName"]
            for alarm in people
            if not set(alarm.get("AlarmActions", [])) & topics and f'"{alarm["AlarmName"]}"' not in rules
        ]
        if unheard or not people or not composites:
            raise CheckFailedError(f"of {len(people)} alarms these tell nobody: {sorted(unheard)}")
        return f"{len(people)} alarms, {len(composites)} of them over others"


@dataclass(frozen=True)
class DashboardStands:
    """A dashboard is there and its widgets can be read."""

    region: Region
    dashboard: str

    @property
    def name(self) -> str:
        """Region and dashboard."""
        return f"{self.region.name} dashboard {self.dashboard}"

    def run(self, context: Context) -> str:
        """Read it as the console would."""
        found = context.client("cloudwatch", self.region.name).get_dashboard(DashboardName=self.dashboard)
        widgets = json.loads(found["DashboardBody"]).get("widgets", [])
        if not widgets:
            raise CheckFailedError(f"the dashboard {self.dashboard} shows nothing")
        return f"{len(widgets)} widgets"


@dataclass(frozen=True)
class TrailRecords:
    """The account's trail stands, of all regions and validated, and AWS Config has its rules in every region."""

    region: Region
    trail: str

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region.name} the account is recorded"

    def run(self, context: Context) -> str:
        """Ask CloudTrail and AWS Config what they have."""
        found = context.client("cloudtrail", self.region.name).describe_trails(trailNameList=[self.trail])["trailList"]
        if not any(trail.get("IsMultiRegionTrail") and trail.get("LogFileValidationEnabled") for trail in found):
            raise CheckFailedError(f"no validated trail of all regions is called {self.trail}: {found}")
        counts = []
        for region in context.environment.regions:
            config = context.client("config", region.name)
            rules = [rule for page in _pages(config, "describe_config_rules") for rule in page["ConfigRules"]]
            stack = context.environment.names.stack(Stacks.COMPLIANCE, region.name)
            if not rules:
                raise CheckFailedError(f"{stack} left no rules")
            counts.append(f"{len(rules)} rules in {region.name}")
        return f"trail of all regions; {', '.join(counts)}"


def _pages(client: Any, operation: str, **arguments: Any) -> Iterator[Any]:
    yield from client.get_paginator(operation).paginate(**arguments)
