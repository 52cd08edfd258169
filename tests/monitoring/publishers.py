"""What the platform's resources publish to CloudWatch: which metrics, under which dimensions, in which region.

Derived from the templates alone and by the services' documentation, never from the alarms: so an alarm on a
metric that nobody publishes under just these dimensions is found. A value that is known only when it is deployed
is written as the stack and the attribute it comes from, wherever a template refers to it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from configuration.partition import GLOBAL_SERVICES_REGION
from tests.synthesis import Assembly, StackTemplate
from tests.template_reading import text

# The property by which CloudFormation gives a resource the name that Ref returns.
_NAMES = {
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::DynamoDB::GlobalTable": "TableName",
}


@dataclass(frozen=True)
class Published:
    """A metric's identity in a region."""

    region: str
    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value}" for name, value in sorted(self.dimensions))
        return f"{self.region}: {self.namespace} {self.name} ({named})"


class Values:
    """Resolves what templates say to one text for one thing."""

    def __init__(self, assembly: Assembly) -> None:
        self._exports: dict[tuple[str, str], tuple[StackTemplate, Any]] = {}
        for stack in assembly.stacks:
            for output in stack.template.get("Outputs", {}).values():
                if "Export" in output:
                    self._exports[stack.region, text(output["Export"]["Name"])] = (stack, output["Value"])

    def of(self, stack: StackTemplate, value: Any) -> str:
        """The value, its references replaced by what they lead to."""
        match value:
            case str():
                return value
            case {"Ref": name}:
                return self._ref(stack, name)
            case {"Fn::GetAtt": [logical_id, attribute]}:
                return f"{stack.name}/{logical_id}.{attribute}"
            case {"Fn::ImportValue": name}:
                exporter, exported = self._exports[stack.region, text(name)]
                return self.of(exporter, exported)
            case {"Fn::Join": [separator, parts]}:
                return self._whole(stack, str(separator).join(self.of(stack, part) for part in parts))
            case {"Fn::Select": [index, {"Fn::Split": [separator, inner]}]}:
                return f"{self.of(stack, inner)} split by {separator} at {index}"
        return json.dumps(value)

    def _whole(self, stack: StackTemplate, joined: str) -> str:
        """A load balancer's name, which CDK also cuts out of a listener's ARN; any other text as it is."""
        cut = re.fullmatch(r"(?P<arn>.+) split by / at 1/(?P=arn) split by / at 2/(?P=arn) split by / at 3", joined)
        if cut is None:
            return joined
        listener = stack.resources[cut["arn"].removeprefix(f"{stack.name}/")]
        return f"{self.of(stack, listener['Properties']['LoadBalancerArn'])}.LoadBalancerFullName"

    def _ref(self, stack: StackTemplate, name: str) -> str:
        if name == "AWS::Region":
            return stack.region
        resource = stack.resources.get(name, {})
        given = resource.get("Properties", {}).get(_NAMES.get(resource.get("Type", ""), ""))
        return given if isinstance(given, str) else f"{stack.name}/{name}"


def published(assembly: Assembly) -> set[Published]:
    """Every metric of the assembly's resources that an alarm may look at."""
    values = Values(assembly)
    found = set()
    for stack, logical_id, resource in assembly.resources():
        for region, namespace, names, dimensions in _of(values, stack, logical_id, resource):
            found |= {Published(region, namespace, name, frozenset(dimensions.items())) for name in names}
    return found | set(_between_tables(assembly))


_Row = tuple[str, str, tuple[str, ...], Mapping[str, str]]


def _of(values: Values, stack: StackTemplate, logical_id: str, resource: Mapping[str, Any]) -> Iterator[_Row]:
    properties = resource.get("Properties", {})
    reference = values.of(stack, {"Ref": logical_id})
    region = stack.region
    match resource["Type"]:
        case "AWS::SQS::Queue":
            names = ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage")
            yield region, "AWS/SQS", names, {"QueueName": f"{stack.name}/{logical_id}.QueueName"}
        case "AWS::Lambda::Function":
            yield region, "AWS/Lambda", ("Errors", "Throttles", "Duration"), {"FunctionName": reference}
            variables = properties.get("Environment", {}).get("Variables", {})
            if variables.get("POWERTOOLS_SERVICE_NAME") == "probe_application":
                for target in ("public", "regional"):
                    yield (
                        region,
                        variables["POWERTOOLS_METRICS_NAMESPACE"],
                        ("Available", "Latency"),
                        {"Target": target, "service": variables["POWERTOOLS_SERVICE_NAME"]},
                    )
        case "AWS::SecretsManager::RotationSchedule" if "HostedRotationLambda" in properties:
            name = properties["HostedRotationLambda"]["RotationLambdaName"]
            yield region, "AWS/Lambda", ("Errors", "Throttles", "Duration"), {"FunctionName": name}
        case "AWS::SNS::Topic":
            yield region, "AWS/SNS", ("NumberOfNotificationsFailed",), {"TopicName": properties["TopicName"]}
        case "AWS::Events::Rule":
            yield region, "AWS/Events", ("FailedInvocations",), {"RuleName": reference}
        case "AWS::EC2::NatGateway":
            yield region, "AWS/NATGateway", ("ErrorPortAllocation", "PacketsDropCount"), {"NatGatewayId": reference}
        case "AWS::RDS::DBInstance":
            names = (
                *("FreeStorageSpace", "DatabaseConnections", "CPUUtilization", "FreeableMemory", "WriteLatency"),
                *(("ReplicaLag",) if "SourceDBInstanceIdentifier" in properties else ()),
            )
            yield region, "AWS/RDS", names, {"DBInstanceIdentifier": reference}
        case "AWS::S3::Bucket":
            sizes = {"BucketName": reference, "StorageType": "StandardStorage"}
            yield region, "AWS/S3", ("BucketSizeBytes",), sizes
        case "Custom::AWS" | "Custom::BucketReplication":
            yield from _replication(values, stack, properties)
        case "AWS::AutoScaling::AutoScalingGroup":
            group = {"AutoScalingGroupName": reference}
            yield region, "AWS/EC2", ("CPUUtilization",), group
            if "MetricsCollection" in properties:
                yield region, "AWS/AutoScaling", ("GroupInServiceInstances",), group
            if _agent_publishes_by_group(stack):
                yield region, "CWAgent", ("mem_used_percent",), group
        case "AWS::ECS::Service":
            service = {
                "ClusterName": values.of(stack, properties["Cluster"]),
                "ServiceName": f"{stack.name}/{logical_id}.Name",
            }
            yield region, "AWS/ECS", ("CPUUtilization", "MemoryUtilization"), service
        case "AWS::CertificateManager::Certificate":
            yield region, "AWS/CertificateManager", ("DaysToExpiry",), {"CertificateArn": reference}
        case "AWS::ElasticLoadBalancingV2::LoadBalancer":
            yield from _load_balancer(stack, logical_id)
        case "AWS::Route53::HealthCheck":
            # Route 53 publishes in one region, wherever its stack stands.
            names = ("HealthCheckStatus", "HealthCheckPercentageHealthy")
            yield GLOBAL_SERVICES_REGION, "AWS/Route53", names, {"HealthCheckId": reference}
        case "AWS::Logs::MetricFilter":
            for transformation in properties["MetricTransformations"]:
                yield region, transformation["MetricNamespace"], (transformation["MetricName"],), {}


def _load_balancer(stack: StackTemplate, logical_id: str) -> Iterator[_Row]:
    """By load balancer, by target group, and by zone and target group.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    namespace = "AWS/ApplicationELB"
    balancer = {"LoadBalancer": f"{stack.name}/{logical_id}.LoadBalancerFullName"}
    counts = ("RequestCount", "TargetResponseTime", "HTTPCode_Target_5XX_Count", "HTTPCode_Target_4XX_Count")
    own = ("HTTPCode_ELB_5XX_Count", "RejectedConnectionCount")
    yield stack.region, namespace, (*counts, *own), balancer
    zones = {f"{stack.region}{letter}" for letter in "abc"}
    for group_id in stack.of_type("AWS::ElasticLoadBalancingV2::TargetGroup"):
        group = {**balancer, "TargetGroup": f"{stack.name}/{group_id}.TargetGroupFullName"}
        hosts = ("HealthyHostCount", "UnHealthyHostCount")
        yield stack.region, namespace, (*hosts, *counts), group
        for zone in zones:
            yield stack.region, namespace, hosts, {**group, "AvailabilityZone": zone}


def _agent_publishes_by_group(stack: StackTemplate) -> bool:
    """Whether the instances' agent aggregates its memory metric by the group's name alone."""
    templates = json.dumps(stack.properties("AWS::EC2::LaunchTemplate")).replace("\\", "").replace(" ", "")
    return "mem_used_percent" in templates and "aggregation_dimensions" in templates


def _replication(values: Values, stack: StackTemplate, properties: Mapping[str, Any]) -> Iterator[_Row]:
    """A rule with metrics, as the call that writes it to a bucket says."""
    call = properties.get("Create")
    if call is None:
        return
    said = json.loads(values.of(stack, call))
    configuration = said.get("parameters", {}).get("ReplicationConfiguration", {})
    for rule in configuration.get("Rules", []):
        if rule["Destination"].get("Metrics", {}).get("Status") == "Enabled":
            yield (
                stack.region,
                "AWS/S3",
                ("ReplicationLatency",),
                {
                    "SourceBucket": said["parameters"]["Bucket"],
                    "DestinationBucket": rule["Destination"]["Bucket"].rsplit(":", 1)[-1],
                    "RuleId": rule["ID"],
                },
            )


def _between_tables(assembly: Assembly) -> Iterator[Published]:
    """Of each replica, in its own region: throttles, and the lag to each other one."""
    for _, _, table in assembly.resources("AWS::DynamoDB::GlobalTable"):
        name = table["Properties"].get("TableName")
        if name is None:
            continue  # nobody names it, so that no alarm can
        regions = [replica["Region"] for replica in table["Properties"]["Replicas"]]
        for region in regions:
            for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
                yield Published(region, "AWS/DynamoDB", metric, frozenset({("TableName", name)}))
            for other in regions:
                if other != region:
                    dimensions = frozenset({("TableName", name), ("ReceivingRegion", other)})
                    yield Published(region, "AWS/DynamoDB", "ReplicationLatency", dimensions)
