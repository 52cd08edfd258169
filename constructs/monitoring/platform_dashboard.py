"""What a person on call reads first: every region side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.monitoring.canary import canary_metric
from constructs.monitoring.dashboard_widgets import alarms, graph, heading, row, search
from constructs.monitoring.metrics import metric


@dataclass(frozen=True, kw_only=True)
class PlatformSubjects:
    """What stands in every region under the same name, and what leads from one to the other.

    ``databases`` are the instances' identifiers by region; ``replicated`` are the home buckets and their copies.
    """

    regions: Sequence[str]
    home: str
    canary_namespace: str | None
    health_check_region: str
    databases: Mapping[str, str]
    copies: Sequence[str]
    table: str
    replicated: Mapping[str, tuple[str, str]]
    replication_rule: str
    serverless: str


class PlatformDashboard(cloudwatch.Dashboard):
    """Which region hurts, and whether the others could take over without losing anything."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dashboard_name: str,
        health_alarms: Sequence[str],
        subjects: PlatformSubjects,
    ) -> None:
        super().__init__(scope, construct_id, dashboard_name=dashboard_name, default_interval=cdk.Duration.hours(3))
        of = subjects
        self.add_widgets(alarms(self, "Health", "Regions and their components", health_alarms))
        self.add_widgets(*heading("## Asked from outside"))
        self.add_widgets(*row(*_outside(of)))
        self.add_widgets(*heading("## Traffic and work, by region"))
        for region in of.regions:
            self.add_widgets(*row(*_traffic(of, region)))
        self.add_widgets(*heading("## Copies: what would be lost with a region"))
        self.add_widgets(*row(*_copies(of)))


def _outside(of: PlatformSubjects) -> list[cloudwatch.GraphWidget]:
    checks = search(
        "AWS/Route53",
        ("HealthCheckId",),
        "HealthCheckPercentageHealthy",
        statistic="Average",
        region=of.health_check_region,
    )
    graphs = [graph("Health checks of Route 53, % of the checkers", checks, of=3 if of.canary_namespace else 1)]
    if of.canary_namespace:
        for title, name in (("Available, %", "Available"), ("Latency, s", "Latency")):
            lines = [
                canary_metric(of.canary_namespace, name, "regional").with_(region=region, label=region)
                for region in of.regions
            ]
            graphs.append(graph(f"Canaries: {title}", *lines, of=3))
    return graphs


def _traffic(of: PlatformSubjects, region: str) -> list[cloudwatch.GraphWidget]:
    web = ("AWS/ApplicationELB", ("LoadBalancer",))
    functions = ("AWS/Lambda", ("FunctionName",))
    database = metric(
        "AWS/RDS", "CPUUtilization", {"DBInstanceIdentifier": of.databases[region]}, statistic="Average", label="CPU"
    ).with_(region=region)
    return [
        graph(f"{region}: requests", search(*web, "RequestCount", statistic="Sum", region=region), of=4, region=region),
        graph(
            f"{region}: errors",
            search(*web, "HTTPCode_Target_5XX_Count", statistic="Sum", region=region),
            search(*web, "HTTPCode_ELB_5XX_Count", statistic="Sum", region=region),
            of=4,
            region=region,
        ),
        graph(
            f"{region}: functions' errors",
            search(*functions, "Errors", statistic="Sum", among=of.serverless, region=region),
            of=4,
            region=region,
        ),
        graph(f"{region}: database CPU, %", database, of=4, region=region),
    ]


def _copies(of: PlatformSubjects) -> list[cloudwatch.GraphWidget]:
    lag = [
        metric(
            "AWS/DynamoDB",
            "ReplicationLatency",
            {"TableName": of.table, "ReceivingRegion": other},
            statistic="Average",
            label=f"{of.home} to {other}",
        ).with_(region=of.home)
        for other in of.regions
        if other != of.home
    ]
    copies = [
        metric(
            "AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": of.databases[region]}, statistic="Maximum", label=region
        ).with_(region=region)
        for region in of.copies
    ]
    objects = [
        metric(
            "AWS/S3",
            "ReplicationLatency",
            {"SourceBucket": source, "DestinationBucket": destination, "RuleId": of.replication_rule},
            statistic="Maximum",
            label=name,
        ).with_(region=of.home)
        for name, (source, destination) in of.replicated.items()
    ]
    shown = [
        (title, lines)
        for title, lines in (
            ("Objects wait for their replication, s", objects),
            ("Databases lag behind, s", copies),
            ("Catalogue lags behind, ms", lag),
        )
        if lines
    ]
    return [graph(title, *lines, of=len(shown), from_zero=False) for title, lines in shown]
