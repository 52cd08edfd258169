"""Compute: the application of a region, on EC2 and on Fargate, behind one load balancer."""

import aws_cdk as cdk
from aws_cdk import aws_elasticloadbalancingv2 as elb
from constructs import Construct
from constructs.compute.application_package import ApplicationPackage
from constructs.compute.application_runtime import ApplicationRuntime
from constructs.compute.application_targets import ApplicationTargets
from constructs.compute.container_service import ContainerService
from constructs.compute.instance_fleet import InstanceFleet
from constructs.compute.public_load_balancer import PublicLoadBalancer
from constructs.compute.service_cluster import ServiceCluster
from constructs.dns.public_zone import public_zone
from constructs.dns.regional_certificate import RegionalCertificate
from constructs.shared.platform_log_group import PlatformLogGroup
from constructs.shared.regional_web_acl import RegionalWebAcl

from configuration.names import Bucket, Stacks
from configuration.partition import PARTITION
from stacks.networking import NetworkingStack
from stacks.security import SecurityStack
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps


class ComputeStack(TapStack):
    """The load balancer with its certificate, and the two that serve behind it."""

    def __init__(
        self,
        scope: Construct,
        *,
        props: TapStackProps,
        security: SecurityStack,
        networking: NetworkingStack,
        storage: StorageStack,
    ) -> None:
        super().__init__(scope, Stacks.COMPUTE, props=props, description="Services on EC2 and Fargate")
        environment, settings = props.environment, props.environment.compute
        self._security, self._networking = security, networking

        self.certificate = RegionalCertificate(
            self,
            "Certificate",
            domain=environment.domain,
            zone=public_zone(self, "Zone", domain=environment.domain, names=props.names),
        )
        groups = networking.security_groups
        self.web = PublicLoadBalancer(
            self,
            "Web",
            vpc=networking.vpc,
            security_groups=[groups.web, groups.probes],
            certificate=self.certificate,
            access_logs=storage.audit_logs,
            deletion_protection=environment.retain_data,
        )
        self.load_balancer = self.web.load_balancer
        self.instance_targets = self._targets("InstanceTargets", elb.TargetType.INSTANCE)
        self.container_targets = self._targets("ContainerTargets", elb.TargetType.IP)
        self.listener = self.web.serve(
            {
                self.instance_targets: settings.share.instances,
                self.container_targets: settings.share.containers,
            }
        )
        self.web_acl = self._web_acl() if settings.waf.enabled else None

        runtime = self._runtime()
        package = ApplicationPackage(self, "Package", path=settings.application.package)
        self.instance_log_group = self._log_group("InstanceLogGroup")
        self.fleet = InstanceFleet(
            self,
            "Instances",
            vpc=networking.vpc,
            security_group=groups.app,
            targets=self.instance_targets,
            runtime=runtime,
            package=package,
            settings=settings.instances,
            volume_key=security.compute_key,
            log_group=self.instance_log_group,
        )
        cdk.Tags.of(self.fleet.launch_template).add(*props.names.backup_tag)
        self.auto_scaling_group = self.fleet.auto_scaling_group

        cluster = ServiceCluster(
            self,
            "Cluster",
            vpc=networking.vpc,
            logs_key=security.logs_key,
            log_retention_days=environment.log_retention_days,
            removal_policy=self.removal_policy,
        )
        self.cluster = cluster.cluster
        self.container_log_group = self._log_group("ContainerLogGroup")
        self.containers = ContainerService(
            self,
            "Containers",
            cluster=cluster,
            security_group=groups.fargate,
            targets=self.container_targets,
            runtime=runtime,
            version=package.version,
            settings=settings.containers,
            log_group=self.container_log_group,
        )
        self.fargate_service = self.containers.service

    def _targets(self, construct_id: str, target_type: elb.TargetType) -> ApplicationTargets:
        application = self.props.environment.compute.application
        return ApplicationTargets(
            self,
            construct_id,
            vpc=self._networking.vpc,
            target_type=target_type,
            port=application.port,
            health_path=application.health_path,
        )

    def _log_group(self, construct_id: str) -> PlatformLogGroup:
        return PlatformLogGroup(
            self,
            construct_id,
            key=self._security.logs_key,
            retention_days=self.props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )

    def _web_acl(self) -> RegionalWebAcl:
        return RegionalWebAcl(
            self,
            "Firewall",
            protected_arn=self.load_balancer.load_balancer_arn,
            after=self.listener,
            requests_per_five_minutes=self.props.environment.compute.waf.requests_per_five_minutes,
            log_group_name=self.props.names.web_acl_logs(Stacks.COMPUTE),
            logs_key=self._security.logs_key,
            log_retention_days=self.props.environment.log_retention_days,
            removal_policy=self.removal_policy,
        )

    def _runtime(self) -> ApplicationRuntime:
        """The application's surroundings, all known by name: the database is not waited for."""
        environment, names = self.props.environment, self.props.names
        bucket = names.bucket(Bucket.MAIN, self.region)
        return ApplicationRuntime(
            settings=environment.compute.application,
            region=self.region,
            database_host=environment.domain.database_writer_in(self.props.region),
            database_secret=names.database_secret,
            database_secret_arn=self.regional_arn("secretsmanager", f"secret:{names.database_secret}-??????"),
            database_key_arn=self._security.database_key.key_arn,
            table=names.catalogue_table,
            table_arn=self.regional_arn("dynamodb", f"table/{names.catalogue_table}"),
            bucket=bucket,
            bucket_arn=f"arn:{PARTITION}:s3:::{bucket}",
            storage_key_arn=self._security.storage_key.key_arn,
        )
