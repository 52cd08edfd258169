"""What was measured in situations that people on call know, and which alarms must fire in each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from constructs.security.account_alarms import ACCOUNT_EVENTS

from tests.monitoring.alarm_evaluation import Sample, Signal
from tests.monitoring.publishers import Published

GIB = 1024**3
MIB = 1024**2
_FAST = (0.05,) * 98 + (0.2, 0.3)

HEALTHY: Mapping[tuple[str, str], Sample] = {
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): 0,
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): 0,
    ("AWS/Lambda", "Errors"): 0,
    ("AWS/Lambda", "Throttles"): 0,
    ("AWS/Lambda", "Duration"): 200,
    # Published only when there are any.
    ("AWS/SNS", "NumberOfNotificationsFailed"): None,
    ("AWS/Events", "FailedInvocations"): None,
    ("AWS/NATGateway", "ErrorPortAllocation"): 0,
    ("AWS/NATGateway", "PacketsDropCount"): 0,
    ("AWS/RDS", "FreeStorageSpace"): 50 * GIB,
    ("AWS/RDS", "DatabaseConnections"): 10,
    ("AWS/RDS", "CPUUtilization"): 30,
    ("AWS/RDS", "FreeableMemory"): 500 * MIB,
    ("AWS/RDS", "WriteLatency"): 0.002,
    ("AWS/RDS", "ReplicaLag"): 1,
    ("AWS/S3", "BucketSizeBytes"): 10 * GIB,
    ("AWS/S3", "ReplicationLatency"): 5,
    ("AWS/EC2", "CPUUtilization"): 50,
    ("AWS/AutoScaling", "GroupInServiceInstances"): 3,
    ("CWAgent", "mem_used_percent"): 50,
    ("AWS/ECS", "CPUUtilization"): 50,
    ("AWS/ECS", "MemoryUtilization"): 50,
    ("AWS/CertificateManager", "DaysToExpiry"): 200,
    ("AWS/ApplicationELB", "RequestCount"): 600,
    ("AWS/ApplicationELB", "TargetResponseTime"): _FAST,
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): None,
    ("AWS/ApplicationELB", "HTTPCode_Target_4XX_Count"): 5,
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"): None,
    ("AWS/ApplicationELB", "RejectedConnectionCount"): None,
    ("AWS/ApplicationELB", "HealthyHostCount"): 1,
    ("AWS/ApplicationELB", "UnHealthyHostCount"): 0,
    ("AWS/DynamoDB", "ReadThrottleEvents"): None,
    ("AWS/DynamoDB", "WriteThrottleEvents"): None,
    ("AWS/DynamoDB", "ReplicationLatency"): 500,
    ("AWS/Route53", "HealthCheckStatus"): 1,
    ("Acme-test-Canary", "Available"): 100,
}
"""What a healthy platform measures each minute; a metric of its log filters is silent."""


@dataclass(frozen=True)
class Fault:
    """What is measured otherwise: of which metrics, what, and since when.

    ``where`` are patterns that the named dimensions match. The fault lasts from ``since`` minutes ago to ``until``.
    """

    namespace: str
    name: str
    value: Sample
    where: Mapping[str, str] = field(default_factory=dict)
    since: float = float("inf")
    until: int = 0

    def concerns(self, metric: Published) -> bool:
        """Whether it changes what is measured of a metric."""
        if self.namespace not in ("*", metric.namespace) or self.name not in ("*", metric.name):
            return False
        dimensions = dict(metric.dimensions)
        return all(fnmatchcase(dimensions.get(name, ""), pattern) for name, pattern in self.where.items())

    def lasts(self, ago: int) -> bool:
        """Whether it lasted at that minute."""
        return self.until <= ago < self.since


@dataclass(frozen=True)
class Situation:
    """Faults in one region, and the short names of the alarms that must fire there, all of them.

    ``says`` are those that send a message; the others are told by these.
    """

    name: str
    faults: tuple[Fault, ...]
    fires: frozenset[str]
    says: frozenset[str]

    def __str__(self) -> str:
        return self.name

    def signal(self, metric: Published, publishers: set[Published]) -> Signal:
        """What was measured of a metric; nothing of one that nobody publishes."""
        if metric not in publishers:
            return lambda _: None

        healthy = HEALTHY.get((metric.namespace, metric.name))
        faults = [fault for fault in self.faults if fault.concerns(metric)]

        def measured(ago: int) -> Sample:
            return next((fault.value for fault in faults if fault.lasts(ago)), healthy)

        return measured


def _situation(name: str, *faults: Fault, fires: str = "", quiet: str = "") -> Situation:
    """``fires`` are the alarms that send a message, ``quiet`` those that fire and leave it to them."""
    says = frozenset(fires.split())
    return Situation(name, faults, says | frozenset(quiet.split()), says)


def _web(name: str, value: Sample, **values: Any) -> Fault:
    return Fault("AWS/ApplicationELB", name, value, **values)


def _database(name: str, value: Sample, **values: Any) -> Fault:
    return Fault("AWS/RDS", name, value, **values)


def _function(name: str, value: Sample, function: str) -> Fault:
    return Fault("AWS/Lambda", name, value, {"FunctionName": f"*{function}*"})


def _queue(name: str, value: Sample, queue: str) -> Fault:
    return Fault("AWS/SQS", name, value, {"QueueName": f"*{queue}*"})


_WAITING, _AGE = "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"
_BUDGET_PARTS = "{0}-FastLong {0}-FastShort {0}-SteadyLong {0}-SteadyShort {0}-SlowLong {0}-SlowShort"
_AVAILABILITY = _BUDGET_PARTS.format("Compute-Availability")
_SPEED = _BUDGET_PARTS.format("Compute-Speed")
_NOTHING = Fault("*", "*", None)
_ROTATION = "Acme-test-RotateDatabaseSecret"

SITUATIONS = (
    _situation("healthy"),
    _situation("two minutes without any measurement", Fault("*", "*", None, since=2)),
    _situation(
        "nothing is measured at all",
        _NOTHING,
        fires="Monitoring-Health-Region Monitoring-Canary-Public",
        quiet=(
            "Compute-WebAlarms-NoInstances Compute-WebAlarms-NoContainers Database-Alarms-Silent "
            "Monitoring-Canary-Regional Monitoring-Health-Web Monitoring-Health-Data"
        ),
    ),
    _situation(
        "nobody asks anything",
        _web("RequestCount", None),
        _web("TargetResponseTime", None),
        _web("HTTPCode_Target_4XX_Count", None),
    ),
    _situation(
        "a tenth of the requests fails for two hours",
        _web("HTTPCode_Target_5XX_Count", 60, since=120),
        fires="Monitoring-Health-Web Compute-Availability-Slow",
        quiet=(
            f"Compute-WebAlarms-Errors {_AVAILABILITY} Compute-Availability-Fast Compute-Availability-Steady "
            "ContainersErrors"
        ),
    ),
    _situation(
        "the load balancer itself fails half of the requests for ten minutes",
        _web("HTTPCode_ELB_5XX_Count", 600, since=10),
        fires="Monitoring-Health-Web Compute-Availability-Slow",
        quiet=(f"Compute-WebAlarms-Errors {_AVAILABILITY} Compute-Availability-Fast Compute-Availability-Steady"),
    ),
    _situation(
        "a tenth of the requests failed for two minutes",
        _web("HTTPCode_Target_5XX_Count", 60, since=2),
        quiet="Compute-Availability-FastShort Compute-Availability-SteadyShort ContainersErrors",
    ),
    _situation(
        "requests failed for an hour, an hour ago",
        _web("HTTPCode_Target_5XX_Count", 60, since=120, until=61),
        fires="Compute-Availability-Slow",
        quiet="Compute-Availability-SteadyLong Compute-Availability-SlowLong Compute-Availability-SlowShort",
    ),
    _situation(
        "five requests a minute, and each fails",
        _web("RequestCount", 5),
        _web("HTTPCode_Target_5XX_Count", 5),
        fires="Monitoring-Health-Web Compute-Availability-Slow",
        quiet=(
            "Compute-Availability-FastLong Compute-Availability-SteadyLong Compute-Availability-SteadyShort "
            "Compute-Availability-Steady Compute-Availability-SlowLong Compute-Availability-SlowShort"
        ),
    ),
    _situation(
        "every answer takes two seconds",
        _web("TargetResponseTime", 2),
        fires="Monitoring-Health-Web Compute-WebAlarms-Latency Compute-Speed-Slow",
        quiet=f"{_SPEED} Compute-Speed-Fast Compute-Speed-Steady",
    ),
    _situation(
        "the load balancer turns connections away",
        _web("RejectedConnectionCount", 5),
        fires="Monitoring-Health-Web",
        quiet="Compute-WebAlarms-RejectedConnections",
    ),
    _situation(
        "no instance is healthy",
        _web("HealthyHostCount", 0, where={"TargetGroup": "*InstanceTargets*"}),
        fires="Monitoring-Health-Web",
        quiet="Compute-WebAlarms-NoInstances",
    ),
    _situation(
        "no container is healthy",
        _web("HealthyHostCount", 0, where={"TargetGroup": "*ContainerTargets*"}),
        fires="Monitoring-Health-Web",
        quiet="Compute-WebAlarms-NoContainers",
    ),
    *(
        _situation(
            f"a target of the {kind.lower()} is unhealthy in zone {zone}",
            _web(
                "UnHealthyHostCount", 1, where={"TargetGroup": f"*{kind[:-1]}Targets*", "AvailabilityZone": f"*{zone}"}
            ),
            fires=f"Compute-WebAlarms-Unhealthy{kind}-{zone}",
        )
        for kind in ("Instances", "Containers")
        for zone in "abc"
    ),
    _situation(
        "the certificate is not renewed",
        Fault("AWS/CertificateManager", "DaysToExpiry", 20),
        fires="Compute-WebAlarms-Certificate",
    ),
    _situation(
        "the instances' CPU is full",
        Fault("AWS/EC2", "CPUUtilization", 95),
        fires="Compute-CapacityAlarms-InstanceCpu",
    ),
    _situation(
        "the instances' memory is full",
        Fault("CWAgent", "mem_used_percent", 95),
        fires="Compute-CapacityAlarms-InstanceMemory InstancesHighMemory",
    ),
    _situation(
        "the containers' CPU is full",
        Fault("AWS/ECS", "CPUUtilization", 95),
        fires="Compute-CapacityAlarms-ContainerCpu",
    ),
    _situation(
        "the containers' memory is full",
        Fault("AWS/ECS", "MemoryUtilization", 95),
        fires="Compute-CapacityAlarms-ContainerMemory",
    ),
    _situation(
        "the group has its largest size",
        Fault("AWS/AutoScaling", "GroupInServiceInstances", 10),
        fires="Compute-CapacityAlarms-NoMoreInstances",
    ),
    _situation(
        "the NAT gateways have no ports left",
        Fault("AWS/NATGateway", "ErrorPortAllocation", 3),
        fires="Monitoring-Health-Web",
        quiet="Networking-NatAlarms-Ports1 Networking-NatAlarms-Ports2",
    ),
    _situation(
        "the NAT gateways drop packets",
        Fault("AWS/NATGateway", "PacketsDropCount", 30),
        fires="Networking-NatAlarms-DroppedPackets1 Networking-NatAlarms-DroppedPackets2",
    ),
    _situation(
        "the database's storage runs full",
        _database("FreeStorageSpace", 1 * GIB),
        fires="Monitoring-Health-Data",
        quiet="Database-Alarms-FreeStorage",
    ),
    _situation(
        "the database is down",
        _database("*", None),
        fires="Monitoring-Health-Data",
        quiet="Database-Alarms-Silent",
    ),
    _situation("the database's CPU is full", _database("CPUUtilization", 95), fires="Database-Alarms-Cpu"),
    _situation("the database's memory is full", _database("FreeableMemory", 20 * MIB), fires="Database-Alarms-Memory"),
    _situation("the database writes slowly", _database("WriteLatency", 0.5), fires="Database-Alarms-WriteLatency"),
    _situation(
        "the password's rotation fails", _function("Errors", 1, _ROTATION), fires="Database-RotationAlarms-Errors"
    ),
    _situation(
        "the password's rotation is throttled",
        _function("Throttles", 1, _ROTATION),
        fires="Database-RotationAlarms-Throttles",
    ),
    *(
        _situation(
            f"the bucket {name} is too large",
            Fault("AWS/S3", "BucketSizeBytes", 2000 * GIB, {"BucketName": f"{purpose}-000000000000-*"}),
            fires=f"Storage-Alarms-Size{name}",
        )
        for name, purpose in (
            ("Main", "data"),
            ("RawData", "raw-data"),
            ("ProcessedData", "processed-data"),
            ("StaticAssets", "static-assets"),
            ("AuditLogs", "audit-logs"),
        )
    ),
    *(
        _situation(
            f"the catalogue refuses {what.lower()}s",
            Fault("AWS/DynamoDB", f"{what}ThrottleEvents", 4),
            fires=f"Storage-Alarms-Catalogue{what}Throttles",
        )
        for what in ("Read", "Write")
    ),
    *(
        _situation(
            f"objects of {name} wait for their replication",
            Fault("AWS/S3", "ReplicationLatency", 3600, {"SourceBucket": f"{purpose}-000000000000-*"}),
            fires=f"Replication-Lag-{name}",
        )
        for name, purpose in (
            ("Main", "data"),
            ("RawData", "raw-data"),
            ("ProcessedData", "processed-data"),
            ("StaticAssets", "static-assets"),
        )
    ),
    _situation(
        "objects were not replicated",
        _queue(_WAITING, 2, "ReplicationFailures"),
        fires="Storage-ReplicationFailures-Alarm",
    ),
    _situation(
        "the catalogue lags behind",
        Fault("AWS/DynamoDB", "ReplicationLatency", 120_000),
        fires="Replication-CatalogueLag-us-west-2",
    ),
    _situation(
        "an object was given up",
        _queue(_WAITING, 1, "ObjectProcessorDeadLetters"),
        fires="Serverless-ObjectProcessor-DeadLetters-Alarms-DeadLetters",
    ),
    _situation(
        "events about objects were not delivered",
        _queue(_WAITING, 1, "ObjectProcessorUndelivered"),
        fires="Monitoring-Health-Pipeline",
        quiet="Serverless-ObjectProcessor-UndeliveredEvents",
    ),
    _situation(
        "nobody works off the objects",
        _queue(_AGE, 3600, "ObjectProcessorQueue"),
        fires="Monitoring-Health-Pipeline",
        quiet="Serverless-ObjectProcessor-Queue-Alarms-Waiting",
    ),
    *(
        _situation(
            f"the function of {name} {problem}",
            _function(metric, value, logical_id),
            fires=f"Serverless-{name}-Function-Alarms-{alarm}",
        )
        for name, logical_id in (
            ("ObjectProcessor", "ObjectProcessorFunction"),
            ("Api", "ApiFunction"),
            ("AlarmProcessor-Messages", "AlarmProcessorMessagesFunction"),
            ("ConfigChangeProcessor-Messages", "ConfigChangeProcessorMessagesFunction"),
            ("Api", "ApiFunction"),
        )
        for problem, metric, value, alarm in (
            ("fails", "Errors", 1, "Errors"),
            ("is throttled", "Throttles", 1, "Throttles"),
            ("is slow", "Duration", 890_000, "Slow"),
        )
    ),
    *(
        _situation(
            f"a message of {name} was given up",
            _queue(_WAITING, 1, f"{name}MessagesDeadLetters"),
            fires=fires,
            quiet=f"Serverless-{name}-Messages-Alarms-DeadLetters" if told else "",
        )
        for name, fires, told in (
            # The path of the alarms themselves: it tells people without them.
            ("AlarmProcessor", "Serverless-AlarmProcessor-Messages-Alarms-DeadLetters", False),
            ("ConfigChangeProcessor", "Monitoring-Health-Pipeline", True),
        )
    ),
    *(
        _situation(
            f"nobody works off the messages of {name}",
            _queue(_AGE, 3600, f"{name}MessagesQueue"),
            fires=f"Serverless-{name}-Messages-Alarms-Waiting",
        )
        for name in ("AlarmProcessor", "ConfigChangeProcessor")
    ),
    *(
        _situation(
            f"the rule {rule} cannot deliver",
            Fault("AWS/Events", "FailedInvocations", 1, {"RuleName": f"*{rule.replace('-', '')}*"}),
            fires="Monitoring-Health-Pipeline",
            quiet=f"Serverless-RuleAlarms-{rule}",
        )
        for rule in (
            "ObjectProcessor-ObjectCreated",
            "ObjectProcessor-ObjectProcessed",
            "ObjectProcessor-ObjectRefused",
            "ConfigChangeProcessor-ComplianceChanged",
        )
    ),
    _situation(
        "the rule of failed backups cannot deliver",
        Fault("AWS/Events", "FailedInvocations", 1, {"RuleName": "*FailedJobs*"}),
        fires="Backup-RuleAlarms-FailedJobs-Rule",
    ),
    *(
        _situation(
            f"the {topic} cannot deliver",
            Fault("AWS/SNS", "NumberOfNotificationsFailed", 1, {"TopicName": f"*-{topic}"}),
            fires=f"Security-{topic}Delivery",
        )
        for topic in ("NotificationTopic", "AlarmTopic", "AlertTopic")
    ),
    _situation(
        "the public name does not answer",
        Fault("Acme-test-Canary", "Available", 0, {"Target": "public"}),
        fires="Monitoring-Canary-Public",
    ),
    _situation(
        "the region does not answer from outside",
        Fault("Acme-test-Canary", "Available", 0, {"Target": "regional"}),
        fires="Monitoring-Health-Region",
        quiet="Monitoring-Canary-Regional",
    ),
    *(
        _situation(
            f"Route 53's check {check} of {region} fails",
            Fault(
                "AWS/Route53",
                "HealthCheckStatus",
                0,
                {"HealthCheckId": f"*Checks{region.replace('-', '')}{check}????????"},
            ),
            fires=f"Global-Alarms-{name}-{alarm}",
        )
        for region, name in (("useast1", "us-east-1"), ("uswest2", "us-west-2"))
        for check, alarm in (("Shallow", "Unreachable"), ("Deep", "DependenciesFail"), ("Switch", "TakenOut"))
    ),
    *(
        _situation(
            f"the trail tells of {event.name}",
            Fault("Acme-test-Account", event.name, event.at_least, since=1),
            fires=f"Security-Account-{event.name}",
        )
        for event in ACCOUNT_EVENTS
    ),
    _situation(
        "the trail tells of some refused calls, as on any day",
        Fault("Acme-test-Account", "RefusedCalls", 5, since=1),
        Fault("Acme-test-Account", "RefusedSignIns", 1, since=1),
    ),
    _situation(
        "one question of five is not answered",
        Fault("Acme-test-Canary", "Available", 0, since=1),
    ),
    _situation(
        "web and data fail at the same time",
        _web("HealthyHostCount", 0, where={"TargetGroup": "*InstanceTargets*"}),
        _database("FreeStorageSpace", 1 * GIB),
        fires="Monitoring-Health-Region",
        quiet=(
            "Compute-WebAlarms-NoInstances Database-Alarms-FreeStorage Monitoring-Health-Web Monitoring-Health-Data"
        ),
    ),
)
"""The situations of the home region of a platform with two regions."""

COPY_SITUATIONS = (
    _situation("healthy"),
    _situation(
        "the copy of the database lags behind",
        _database("ReplicaLag", 10_000),
        fires="Monitoring-Health-Data",
        quiet="Database-ReplicaLag",
    ),
    _situation(
        "the copy of the database does not replicate",
        _database("ReplicaLag", -1),
        fires="Monitoring-Health-Data",
        quiet="Database-ReplicaLag",
    ),
    _situation(
        "the copy of the database is down",
        _database("*", None),
        fires="Monitoring-Health-Data",
        quiet="Database-ReplicaLag Database-Alarms-Silent",
    ),
)
"""Further situations of a region whose database is a copy."""
