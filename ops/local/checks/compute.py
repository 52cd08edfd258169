"""What serves the application, as it was deployed; and the deployed application itself, started and used.

The local AWS records load balancers, instances and tasks and runs none of them. So the records are held against the
file, and what instances and tasks would run is run on this computer, with their roles' rights.
"""

import base64
import re
import sys
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from application.items import PARTITION_PREFIX
from configuration import Environment
from configuration.compute import PACKAGE
from configuration.names import Bucket, Stacks
from ops.local.check import Check, CheckFailedError, Context
from ops.local.serving import Served, serving
from ops.local.stacks import StackRef, resources_of

_OLDEST_TLS = re.compile(r"ELBSecurityPolicy-TLS13-1-[23]-")


def checks(environment: Environment) -> Iterator[Check]:
    """Three checks of the records in each region; two that run the application, where it is the default one."""
    for region in environment.regions:
        yield LoadBalancerStands(region.name)
        yield GroupStands(region.name)
        yield ServiceStands(region.name)
        if environment.compute.application.image is None:
            yield TaskServes(region.name)
            yield InstanceServes(region.name)


@dataclass(frozen=True)
class LoadBalancerStands:
    """Clients get TLS, plain HTTP is redirected, and both target groups are spoken to over TLS."""

    region: str

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region} the load balancer speaks TLS"

    def run(self, context: Context) -> str:
        """Hold listeners, attributes and target groups against the file."""
        elb = context.client("elbv2", self.region)
        arn = _resource(context, self.region, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        listeners = {
            listener["Port"]: listener for listener in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        }
        _same(
            "listeners",
            {port: listener["Protocol"] for port, listener in listeners.items()},
            {80: "HTTP", 443: "HTTPS"},
        )
        _same("what HTTP does", listeners[80]["DefaultActions"][0]["Type"], "redirect")
        policy = listeners[443]["SslPolicy"]
        if not _OLDEST_TLS.match(policy):
            raise CheckFailedError(f"the policy {policy} admits TLS older than 1.2")
        certificate = listeners[443]["Certificates"][0]["CertificateArn"]
        _same("the certificate", certificate, _resource(context, self.region, "AWS::CertificateManager::Certificate"))
        found = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        attributes = {attribute["Key"]: attribute["Value"] for attribute in found}
        logs = context.environment.names.bucket(Bucket.AUDIT_LOGS, self.region)
        _same("access logs", attributes["access_logs.s3.bucket"], logs)
        _same(
            "deletion protection",
            attributes["deletion_protection.enabled"],
            str(context.environment.retain_data).lower(),
        )
        application = context.environment.compute.application
        for kind in ("instance", "ip"):
            group = _target_group(context, self.region, kind)
            wanted = ("HTTPS", application.port, "HTTPS", application.health_path)
            keys = ("Protocol", "Port", "HealthCheckProtocol", "HealthCheckPath")
            _same(f"targets by {kind}", tuple(group[key] for key in keys), wanted)
        return f"{policy}, access logs in {logs}"


@dataclass(frozen=True)
class GroupStands:
    """The Auto Scaling group has the file's sizes, every zone, and instances as they should be."""

    region: str

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region} the instances' group stands"

    def run(self, context: Context) -> str:
        """Hold the group and its launch template against the file."""
        settings = context.environment.compute.instances
        group = _group(context, self.region)
        sizes = (group["MinSize"], group["DesiredCapacity"], group["MaxSize"])
        _same("sizes", sizes, (settings.minimum, settings.desired, settings.maximum))
        _same("health check", group["HealthCheckType"], "ELB")
        zones = _zones(context, self.region, group["VPCZoneIdentifier"].split(","))
        _same("zones", zones, _zone_names(context, self.region))
        template = _launch_template(context, self.region)
        _same("type", template["InstanceType"], settings.type)
        _same("metadata service", template["MetadataOptions"]["HttpTokens"], "required")
        _same("volume", template["BlockDeviceMappings"][0]["Ebs"]["Encrypted"], wanted=True)
        policies = context.client("autoscaling", self.region).describe_policies(
            AutoScalingGroupName=group["AutoScalingGroupName"]
        )["ScalingPolicies"]
        kinds = sorted(policy["PolicyType"] for policy in policies)
        _same("scaling", kinds, ["StepScaling", "TargetTrackingScaling"])
        return f"{settings.type}, {'/'.join(map(str, sizes))}, zones {', '.join(sorted(zones))}"


@dataclass(frozen=True)
class ServiceStands:
    """The Fargate service rolls bad releases back, scales as the file says, and its tasks are hardened."""

    region: str

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region} the tasks' service stands"

    def run(self, context: Context) -> str:
        """Hold service, scaling and task definition against the file."""
        settings = context.environment.compute.containers
        service = _service(context, self.region)
        deployment = service["deploymentConfiguration"]
        _same("circuit breaker", deployment["deploymentCircuitBreaker"], {"enable": True, "rollback": True})
        _same("deployment alarms", deployment["alarms"]["rollback"], wanted=True)
        network = service["networkConfiguration"]["awsvpcConfiguration"]
        _same("public address", network["assignPublicIp"], "DISABLED")
        _same("zones", _zones(context, self.region, network["subnets"]), _zone_names(context, self.region))
        targets = _target_group(context, self.region, "ip")["TargetGroupArn"]
        _same("target groups", [balanced["targetGroupArn"] for balanced in service["loadBalancers"]], [targets])
        scaling = context.client("application-autoscaling", self.region)
        resource = f"service/{service['clusterArn'].rsplit('/', 1)[-1]}/{service['serviceName']}"
        (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[resource])["ScalableTargets"]
        sizes = (target["MinCapacity"], target["MaxCapacity"])
        _same("sizes", sizes, (settings.minimum, settings.maximum))
        definition = _task_definition(context, self.region)
        (container,) = definition["containerDefinitions"]
        _same("root file system", container["readonlyRootFilesystem"], wanted=True)
        _same("user", container["user"], settings.user)
        return f"{'/'.join(map(str, sizes))} tasks of {container['image']}"


@dataclass(frozen=True)
class TaskServes:
    """The command of the deployed task definition serves, with the task role's rights and no others."""

    region: str

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region} a task's command serves over TLS"

    def run(self, context: Context) -> str:
        """Start it on loopback and use it."""
        definition = _task_definition(context, self.region)
        (container,) = definition["containerDefinitions"]
        _, *arguments = container["command"]
        variables = {variable["name"]: variable["value"] for variable in container["environment"]}
        with serving(
            context,
            region=self.region,
            command=[sys.executable, *arguments],
            variables=variables,
            role=definition["taskRoleArn"],
        ) as served:
            return _use(context, self.region, served, variables["APPLICATION_VERSION"])


@dataclass(frozen=True)
class InstanceServes:
    """The package that the deployed user data names is where it says, and serves with the instances' rights."""

    region: str

    @property
    def name(self) -> str:
        """Region and subject."""
        return f"{self.region} an instance's package serves over TLS"

    def run(self, context: Context) -> str:
        """Fetch it as an instance does, start it on loopback and use it."""
        template = _launch_template(context, self.region)
        script = base64.b64decode(template["UserData"]).decode()
        variables = dict(re.findall(r'^([A-Za-z_][A-Za-z0-9_]*)="(.*)"$', script, re.MULTILINE))
        bucket, key = _only(re.findall(r"^package_url=s3://([^/]+)/(\S+)$", script, re.MULTILINE), "package")
        profile = template["IamInstanceProfile"]["Arn"].rsplit("/", 1)[-1]
        iam = context.client("iam", self.region)
        role = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"][0]["Arn"]
        with tempfile.TemporaryDirectory() as folder:
            package = str(Path(folder) / "package")
            context.client("s3", self.region).download_file(bucket, key, package)
            words = context.environment.compute.application.command
            _, *arguments = (word.replace(PACKAGE, package) for word in words)
            with serving(
                context,
                region=self.region,
                command=[sys.executable, *arguments],
                variables=variables,
                role=role,
            ) as served:
                return _use(context, self.region, served, variables["APPLICATION_VERSION"])


def _use(context: Context, region: str, served: Served, version: str) -> str:
    """Ask who serves and how it is; keep an item, and find it in the catalogue of every region."""
    status, told = served.ask("GET", "/")
    _same("who serves", (status, told["region"], told["version"]), (200, region, version))
    for path in ("/health", "/health/deep"):
        # The deep one gives its dependencies little time, which a busy computer may exceed at first.
        context.until(f"{path} to be healthy", partial(_healthy, served, path))
    item = f"local-{uuid.uuid4().hex[:12]}"
    regions = [other.name for other in context.environment.regions]
    try:
        _same("writing an item", served.ask("PUT", f"/items/{item}", b'{"kept": true}')[0], 201)
        _same("reading it", served.ask("GET", f"/items/{item}")[1]["document"], {"kept": True})
        for other in regions:
            context.until(f"the item {item} in the catalogue of {other}", partial(_item, context, other, item))
    finally:
        context.client("dynamodb", region).delete_item(**_key(context, item))
    return f"version {version}, item in {len(regions)} regions"


def _healthy(served: Served, path: str) -> bool | None:
    status, health = served.ask("GET", path)
    return (status, health["status"]) == (200, "healthy") or None


def _key(context: Context, item: str) -> dict[str, Any]:
    key = {"object": {"S": f"{PARTITION_PREFIX}{item}"}, "version": {"S": "current"}}
    return {"TableName": context.environment.names.catalogue_table, "Key": key}


def _item(context: Context, region: str, item: str) -> Any:
    return context.client("dynamodb", region).get_item(ConsistentRead=True, **_key(context, item)).get("Item")


def _same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise CheckFailedError(f"{what}: found {found}, wanted {wanted}")


def _only(found: list[Any], what: str) -> Any:
    _same(f"how many of {what}", len(found), 1)
    return found[0]


def _resource(context: Context, region: str, resource_type: str) -> str:
    """The physical id of the compute stack's only resource of a type."""
    stack = StackRef(region, context.environment.names.stack(Stacks.COMPUTE, region))
    found = [
        resource["PhysicalResourceId"]
        for resource in resources_of(context.target, stack)
        if resource["ResourceType"] == resource_type
    ]
    return str(_only(found, resource_type))


def _group(context: Context, region: str) -> Any:
    name = _resource(context, region, "AWS::AutoScaling::AutoScalingGroup")
    client = context.client("autoscaling", region)
    return _only(client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"], name)


def _launch_template(context: Context, region: str) -> Any:
    chosen = _group(context, region)["LaunchTemplate"]
    versions = context.client("ec2", region).describe_launch_template_versions(
        LaunchTemplateId=chosen["LaunchTemplateId"], Versions=[chosen["Version"]]
    )["LaunchTemplateVersions"]
    return _only(versions, "launch template")["LaunchTemplateData"]


def _service(context: Context, region: str) -> Any:
    cluster = _resource(context, region, "AWS::ECS::Cluster")
    service = _resource(context, region, "AWS::ECS::Service")
    found = context.client("ecs", region).describe_services(cluster=cluster, services=[service])["services"]
    return _only(found, service)


def _task_definition(context: Context, region: str) -> Any:
    name = _service(context, region)["taskDefinition"]
    return context.client("ecs", region).describe_task_definition(taskDefinition=name)["taskDefinition"]


def _target_group(context: Context, region: str, kind: str) -> Any:
    found = context.client("elbv2", region).describe_target_groups()["TargetGroups"]
    return _only([group for group in found if group["TargetType"] == kind], f"target groups by {kind}")


def _zones(context: Context, region: str, subnets: list[str]) -> set[str]:
    found = context.client("ec2", region).describe_subnets(SubnetIds=subnets)["Subnets"]
    return {subnet["AvailabilityZone"] for subnet in found}


def _zone_names(context: Context, region: str) -> set[str]:
    return {zone for known in context.environment.regions if known.name == region for zone in known.zone_names}
