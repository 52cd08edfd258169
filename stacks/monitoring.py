"""Monitoring: what a region shows and when it calls somebody."""

from collections.abc import Mapping
from dataclasses import dataclass

from constructs import Construct
from constructs.compute.cloudwatch_agent import memory_metric
from constructs.monitoring.burn_rate import BurnRate
from constructs.monitoring.canary import Canary
from constructs.monitoring.capacity_alarms import CapacityAlarms
from constructs.monitoring.cost_anomalies import CostAnomalies
from constructs.monitoring.database_alarms import DatabaseAlarms
from constructs.monitoring.delivery_alarms import TopicAlarm
from constructs.monitoring.function_alarms import FunctionAlarms
from constructs.monitoring.network_alarms import NetworkAlarms
from constructs.monitoring.objectives import failed_percent, slow_percent
from constructs.monitoring.platform_dashboard import PlatformDashboard, PlatformSubjects
from constructs.monitoring.region_health import RegionHealth
from constructs.monitoring.regional_dashboard import RegionalDashboard, RegionalSubjects
from constructs.monitoring.storage_alarms import StorageAlarms
from constructs.monitoring.watch import critical_alarms, watch_functions, watch_queues, watch_rules
from constructs.monitoring.web_alarms import WebAlarms
from constructs.shared.platform_alarm import PlatformAlarm, PlatformCompositeAlarm, alarm_name
from constructs.storage.bucket_replication import RULE
from constructs.storage.replicated_bucket import replicated_buckets

from configuration import Region
from configuration.names import Bucket, Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from stacks.backup import BackupStack
from stacks.compute import ComputeStack
from stacks.database import DatabaseStack
from stacks.networking import NetworkingStack
from stacks.replication import ReplicationStack
from stacks.security import SecurityStack
from stacks.serverless import ServerlessStack
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps

_HEALTH = "Health"
_COMPONENTS = ("Web", "Data", "Pipeline")


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The stacks of a region that are watched."""

    security: SecurityStack
    networking: NetworkingStack
    storage: StorageStack
    replication: ReplicationStack | None
    database: DatabaseStack
    backup: BackupStack
    serverless: ServerlessStack
    compute: ComputeStack

    @property
    def stacks(self) -> list[TapStack]:
        """All of them."""
        found = [getattr(self, name) for name in self.__dataclass_fields__]
        return [stack for stack in found if stack is not None]

    @property
    def components(self) -> Mapping[str, list[TapStack]]:
        """The stacks that a component of the region consists of."""
        data = [self.storage, self.database, *([self.replication] if self.replication else [])]
        return dict(zip(_COMPONENTS, ([self.compute, self.networking], data, [self.serverless]), strict=True))


class MonitoringStack(TapStack):
    """Alarms over alarms, promises, the canary and the dashboards of a region; in the home region also of all.

    An alarm about one resource is made here and stands in the resource's stack: they come and go together, and
    no stack exports a name that could then not change. What is in this stack knows the others' alarms by name.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps, watched: Watched) -> None:
        super().__init__(scope, Stacks.MONITORING, props=props, description="Alarms and dashboards")
        self._watched = watched
        self._topic = watched.security.alarm_topic
        self._settings = props.environment.monitoring
        for stack in watched.stacks:
            self.add_stack_dependency(stack, "its alarms are known by their names")
        self._watch_compute()
        self._watch_data()
        self._watch_messages()
        self._promises()
        self.canary = self._canary() if self._settings.canary else None
        self.health = RegionHealth(
            self,
            _HEALTH,
            region=self.region,
            components={
                name: [alarm for stack in stacks for alarm in critical_alarms(stack, topic=self._topic)]
                for name, stacks in watched.components.items()
            },
            outside=self.canary.regional if self.canary else None,
            topic=self._topic,
        )
        self._dashboard()
        if props.is_home:
            self._platform_dashboard()
            if self._settings.cost_anomaly_dollars is not None:
                CostAnomalies(
                    self,
                    "CostAnomalies",
                    name=props.names.resource("CostAnomalies"),
                    environment=props.environment.environment,
                    dollars=self._settings.cost_anomaly_dollars,
                    topic=watched.security.alert_topic,
                )

    def _watch_compute(self) -> None:
        compute, environment = self._watched.compute, self.props.environment
        share = environment.compute.share
        served = (
            ("Instances", compute.instance_targets, share.instances),
            ("Containers", compute.container_targets, share.containers),
        )
        WebAlarms(
            compute,
            "WebAlarms",
            load_balancer=compute.load_balancer,
            targets={name: targets for name, targets, weight in served if weight},
            zones=self.props.region.zone_names,
            certificate=compute.certificate,
            slow_seconds=self._settings.objectives.latency_seconds,
            topic=self._topic,
        )
        CapacityAlarms(
            compute,
            "CapacityAlarms",
            group=compute.auto_scaling_group,
            memory=memory_metric(compute.auto_scaling_group.auto_scaling_group_name),
            most_instances=environment.compute.instances.maximum,
            service=compute.fargate_service,
            topic=self._topic,
        )
        NetworkAlarms(self._watched.networking, "NatAlarms", vpc=self._watched.networking.vpc, topic=self._topic)

    def _watch_data(self) -> None:
        names, environment = self.props.names, self.props.environment
        DatabaseAlarms(
            self._watched.database,
            "Alarms",
            identifier=self._database(self.props.region),
            free_storage_gib=self._settings.database_free_storage_gib,
            topic=self._topic,
        )
        StorageAlarms(
            self._watched.storage,
            "Alarms",
            buckets={
                name: names.bucket(purpose, self.region)
                for name, purpose in (
                    ("Main", Bucket.MAIN),
                    ("RawData", Bucket.RAW_DATA),
                    ("ProcessedData", Bucket.PROCESSED_DATA),
                    ("StaticAssets", Bucket.STATIC_ASSETS),
                    ("AuditLogs", Bucket.AUDIT_LOGS),
                )
            },
            size_gib=self._settings.bucket_size_gib,
            table_name=names.catalogue_table,
            topic=self._topic,
        )
        # The platform's own rotation function is found; the hosted one is made by a macro and known by its name.
        watch_functions(self._watched.database, topic=self._topic)
        if self.props.region == environment.rotation_region and environment.database.rotation == "hosted":
            FunctionAlarms(
                self._watched.database,
                "RotationAlarms",
                function_name=names.rotation_function,
                who="The rotation of the database's password",
                timeout_seconds=None,
                topic=self._topic,
                runbook="secret-rotation",
            )

    def _watch_messages(self) -> None:
        serverless, security = self._watched.serverless, self._watched.security
        # What is wrong with the alarms' own way to people takes the shorter one.
        watch_functions(serverless.alarm_processor, topic=security.alert_topic)
        watch_functions(serverless, topic=self._topic)
        watch_queues(serverless, topic=self._topic)
        for stack in self._watched.stacks:
            watch_rules(stack, topic=self._topic)
        # Each topic is watched by an alarm that takes another way to people.
        for watched, by in (
            (security.notification_topic, security.alarm_topic),
            (security.alarm_topic, security.alert_topic),
            (security.alert_topic, security.notification_topic),
        ):
            TopicAlarm(security, f"{watched.node.id}Delivery", topic_name=watched.known_name, topic=by)

    def _promises(self) -> None:
        compute, objectives = self._watched.compute, self._settings.objectives
        balancer, fewest = compute.load_balancer.load_balancer_full_name, objectives.minimum_requests
        BurnRate(
            compute,
            "Availability",
            promise="More requests fail than were promised",
            objective_percent=objectives.availability_percent,
            failing=lambda minutes: failed_percent(balancer, minutes=minutes, at_least=fewest),
            runbook="error-budget",
            topic=self._topic,
        )
        BurnRate(
            compute,
            "Speed",
            promise=f"More answers take longer than {objectives.latency_seconds:g} s than were promised",
            objective_percent=objectives.latency_percent,
            failing=lambda minutes: slow_percent(
                balancer, minutes=minutes, at_least=fewest, seconds=objectives.latency_seconds
            ),
            runbook="error-budget",
            topic=self._topic,
        )

    def _canary(self) -> Canary:
        environment, security = self.props.environment, self._watched.security
        path, domain = environment.compute.application.health_path, environment.domain
        return Canary(
            self,
            "Canary",
            public_url=f"https://{domain.application}{path}",
            regional_url=f"https://{domain.application_in(self.props.region)}{path}",
            namespace=self.props.names.resource("Canary"),
            environment_key=security.messaging_key,
            logs_key=security.logs_key,
            log_retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
            topic=self._topic,
        )

    def _dashboard(self) -> None:
        names, environment, compute = self.props.names, self.props.environment, self._watched.compute
        service = compute.fargate_service
        RegionalDashboard(
            self,
            "Dashboard",
            dashboard_name=names.resource(self.region),
            first_alarms=self._health_alarms(self.props.region),
            all_alarms=[
                self.regional_arn("cloudwatch", f"alarm:{alarm.known_name}")
                for stack in (*self._watched.stacks, self)
                for alarm in stack.node.find_all()
                if isinstance(alarm, PlatformAlarm | PlatformCompositeAlarm)
            ],
            subjects=RegionalSubjects(
                load_balancer=compute.load_balancer.load_balancer_full_name,
                group=compute.auto_scaling_group.auto_scaling_group_name,
                cluster=service.cluster.cluster_name,
                service=service.service_name,
                memory=memory_metric(compute.auto_scaling_group.auto_scaling_group_name),
                database=self._database(self.props.region),
                database_is_copy=environment.database_in(self.props.region).replicates,
                table=names.catalogue_table,
                receiving=[other.name for other in environment.others_than(self.props.region)],
                replicated=self._replicated(self.props.region),
                replication_rule=RULE,
                serverless=self._serverless_words(),
                canary_namespace=names.resource("Canary") if self.canary else None,
                health_check_region=GLOBAL_SERVICES_REGION,
                latency_seconds=self._settings.objectives.latency_seconds,
            ),
        )

    def _platform_dashboard(self) -> None:
        names, environment = self.props.names, self.props.environment
        PlatformDashboard(
            self,
            "PlatformDashboard",
            dashboard_name=names.resource("Platform"),
            health_alarms=[arn for region in environment.regions for arn in self._health_alarms(region)],
            subjects=PlatformSubjects(
                regions=[region.name for region in environment.regions],
                home=self.region,
                canary_namespace=names.resource("Canary") if self.canary else None,
                health_check_region=GLOBAL_SERVICES_REGION,
                databases={region.name: self._database(region) for region in environment.regions},
                copies=[region.name for region in environment.regions if environment.database_in(region).replicates],
                table=names.catalogue_table,
                replicated=self._replicated(self.props.region),
                replication_rule=RULE,
                serverless=self._serverless_words(),
            ),
        )

    def _health_alarms(self, region: Region) -> list[str]:
        stack = self.props.names.stack(Stacks.MONITORING, region.name)
        return [
            self.regional_arn("cloudwatch", f"alarm:{alarm_name(stack, _HEALTH, name)}", region=region.name)
            for name in ("Region", *_COMPONENTS)
        ]

    def _database(self, region: Region) -> str:
        return self.props.names.database(self.props.environment.database_in(region).generation)

    def _replicated(self, region: Region) -> dict[str, tuple[str, str]]:
        partner = self.props.environment.partner_of(region)
        if partner is None:
            return {}
        buckets = replicated_buckets(self.props.names, region=region.name, partner=partner.name)
        return {bucket.construct_id: (bucket.source, bucket.destination) for bucket in buckets}

    def _serverless_words(self) -> str:
        """What the names of the serverless stack's functions and queues have in common, as words of a search."""
        return f"{self.props.names.prefix} {Stacks.SERVERLESS}".replace("-", " ")
