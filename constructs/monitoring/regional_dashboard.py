"""What a person on call reads about one region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.monitoring.canary import canary_metric
from constructs.monitoring.dashboard_widgets import alarms, count, graph, heading, row, search
from constructs.monitoring.metrics import metric
from constructs.monitoring.objectives import failed_percent

_WEB = "AWS/ApplicationELB"
_THREE_HOURS = cdk.Duration.hours(3)
_Rows = list[list[cloudwatch.IWidget]]


@dataclass(frozen=True, kw_only=True)
class RegionalSubjects:
    """What a region's dashboard shows, by the names under which CloudWatch knows it.

    ``replicated`` are the buckets with the copies they have elsewhere; ``serverless`` is the name of the stack
    whose functions and queues are shown, ``receiving`` the regions that get this region's items.
    """

    load_balancer: str
    group: str
    cluster: str
    service: str
    memory: cloudwatch.IMetric
    database: str
    database_is_copy: bool
    table: str
    receiving: Sequence[str]
    replicated: Mapping[str, tuple[str, str]]
    replication_rule: str
    serverless: str
    canary_namespace: str | None
    health_check_region: str
    latency_seconds: float


class RegionalDashboard(cloudwatch.Dashboard):
    """From the top: does it hurt, whom, where. The alarms first, then what clients see, then each component."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dashboard_name: str,
        first_alarms: Sequence[str],
        all_alarms: Sequence[str],
        subjects: RegionalSubjects,
    ) -> None:
        super().__init__(scope, construct_id, dashboard_name=dashboard_name, default_interval=_THREE_HOURS)
        of = subjects
        rows: _Rows = [
            [alarms(self, "First", "Is the region sick, and what of it", first_alarms)],
            *_web(of),
            *_capacity(of),
            *_pipeline(of),
            *_database(of),
            *_copies(of),
            [alarms(self, "All", "Every alarm of the region", all_alarms, height=8)],
        ]
        for widgets in rows:
            self.add_widgets(*widgets)


def _web(of: RegionalSubjects) -> _Rows:
    balancer = {"LoadBalancer": of.load_balancer}
    latency = [
        metric(_WEB, "TargetResponseTime", balancer, statistic=statistic, label=statistic)
        for statistic in ("p50", "p90", "p99")
    ]
    groups = ("TargetGroup", "LoadBalancer")
    outside = []
    if of.canary_namespace:
        outside = [canary_metric(of.canary_namespace, "Available", target) for target in ("regional", "public")]
    return [
        heading("## Web: what clients see"),
        row(
            graph("Requests a minute", count(_WEB, "RequestCount", balancer, label="Requests"), of=4),
            graph("Failed requests, %", failed_percent(of.load_balancer, minutes=1, at_least=1), of=4, limit=5),
            graph("Latency, s", *latency, of=4, limit=of.latency_seconds),
            graph(
                "Asked from outside: available, %",
                *outside,
                search(
                    "AWS/Route53",
                    ("HealthCheckId",),
                    "HealthCheckPercentageHealthy",
                    statistic="Average",
                    region=of.health_check_region,
                ),
                of=4,
            ),
        ),
        row(
            graph(
                "Healthy targets",
                search(
                    _WEB, groups, "HealthyHostCount", statistic="Minimum", among=f'LoadBalancer="{of.load_balancer}"'
                ),
                of=3,
            ),
            graph(
                "Unhealthy targets",
                search(
                    _WEB, groups, "UnHealthyHostCount", statistic="Maximum", among=f'LoadBalancer="{of.load_balancer}"'
                ),
                of=3,
            ),
            graph(
                "Errors by who made them",
                count(_WEB, "HTTPCode_Target_5XX_Count", balancer, label="5xx of the application"),
                count(_WEB, "HTTPCode_ELB_5XX_Count", balancer, label="5xx of the load balancer"),
                count(_WEB, "HTTPCode_Target_4XX_Count", balancer, label="4xx of the application"),
                of=3,
            ),
        ),
    ]


def _capacity(of: RegionalSubjects) -> _Rows:
    group, service = {"AutoScalingGroupName": of.group}, {"ClusterName": of.cluster, "ServiceName": of.service}
    return [
        heading("## Capacity: what serves them"),
        row(
            graph(
                "Instances: CPU and memory, %",
                metric("AWS/EC2", "CPUUtilization", group, statistic="Average", label="CPU"),
                of.memory,
                of=4,
                limit=90,
            ),
            graph(
                "Instances: how many",
                metric("AWS/AutoScaling", "GroupDesiredCapacity", group, statistic="Average", label="Wanted"),
                metric("AWS/AutoScaling", "GroupInServiceInstances", group, statistic="Average", label="In service"),
                of=4,
            ),
            graph(
                "Containers: CPU and memory, %",
                metric("AWS/ECS", "CPUUtilization", service, statistic="Average", label="CPU"),
                metric("AWS/ECS", "MemoryUtilization", service, statistic="Average", label="Memory"),
                of=4,
                limit=90,
            ),
            graph(
                "Containers: how many",
                metric("ECS/ContainerInsights", "DesiredTaskCount", service, statistic="Average", label="Wanted"),
                metric("ECS/ContainerInsights", "RunningTaskCount", service, statistic="Average", label="Running"),
                of=4,
            ),
        ),
    ]


def _pipeline(of: RegionalSubjects) -> _Rows:
    functions, queues = ("FunctionName",), ("QueueName",)
    return [
        heading("## Pipeline: objects on their way"),
        row(
            graph(
                "Calls",
                search("AWS/Lambda", functions, "Invocations", statistic="Sum", among=of.serverless),
                of=4,
            ),
            graph(
                "Errors and throttles",
                search("AWS/Lambda", functions, "Errors", statistic="Sum", among=of.serverless),
                search("AWS/Lambda", functions, "Throttles", statistic="Sum", among=of.serverless),
                of=4,
            ),
            graph(
                "Messages waiting",
                search(
                    "AWS/SQS", queues, "ApproximateNumberOfMessagesVisible", statistic="Maximum", among=of.serverless
                ),
                of=4,
            ),
            graph(
                "Age of the oldest message, s",
                search("AWS/SQS", queues, "ApproximateAgeOfOldestMessage", statistic="Maximum", among=of.serverless),
                of=4,
            ),
        ),
    ]


def _database(of: RegionalSubjects) -> _Rows:
    instance = {"DBInstanceIdentifier": of.database}
    return [
        heading("## Database"),
        row(
            graph(
                "CPU, %",
                metric("AWS/RDS", "CPUUtilization", instance, statistic="Average", label="CPU"),
                of=4,
                limit=90,
            ),
            graph(
                "Connections",
                metric("AWS/RDS", "DatabaseConnections", instance, statistic="Maximum", label="Connections"),
                of=4,
            ),
            graph(
                "Free storage and memory, bytes",
                metric("AWS/RDS", "FreeStorageSpace", instance, statistic="Minimum", label="Storage"),
                metric("AWS/RDS", "FreeableMemory", instance, statistic="Minimum", label="Memory"),
                of=4,
            ),
            graph(
                "Latency of the storage, s",
                metric("AWS/RDS", "ReadLatency", instance, statistic="Average", label="Reads"),
                metric("AWS/RDS", "WriteLatency", instance, statistic="Average", label="Writes"),
                of=4,
            ),
        ),
    ]


def _copies(of: RegionalSubjects) -> _Rows:
    graphs: list[cloudwatch.GraphWidget] = []
    number = 1 + bool(of.replicated) + of.database_is_copy
    if of.replicated:
        graphs.append(
            graph(
                "Objects wait for their replication, s",
                *(
                    metric(
                        "AWS/S3",
                        "ReplicationLatency",
                        {"SourceBucket": source, "DestinationBucket": destination, "RuleId": of.replication_rule},
                        statistic="Maximum",
                        label=name,
                    )
                    for name, (source, destination) in of.replicated.items()
                ),
                of=number,
            )
        )
    if of.database_is_copy:
        graphs.append(
            graph(
                "The database lags behind, s",
                metric(
                    "AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": of.database}, statistic="Maximum", label="Lag"
                ),
                of=number,
                from_zero=False,
            )
        )
    table = {"TableName": of.table}
    lag = [
        metric(
            "AWS/DynamoDB",
            "ReplicationLatency",
            {"ReceivingRegion": region, **table},
            statistic="Average",
            label=region,
        )
        for region in of.receiving
    ]
    throttles = [
        metric("AWS/DynamoDB", f"{what}ThrottleEvents", table, statistic="Sum", label=f"{what}s refused")
        for what in ("Read", "Write")
    ]
    graphs.append(graph("Catalogue: lag, ms, and refused requests", *lag, *throttles, of=number))
    return [heading("## Copies: what would be lost with the region"), row(*graphs)]
