"""A task of the application: one container, hardened."""

import re

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct
from constructs.compute.application_runtime import ApplicationRuntime
from constructs.compute.application_targets import DRAIN
from constructs.shared.acknowledgement import acknowledge

from application.packaging import container_command
from configuration.compute import Containers
from configuration.partition import PARTITION

_PYTHON_IMAGE = "public.ecr.aws/docker/library/python:3.13-slim"
_ARCHITECTURES = {"arm64": ecs.CpuArchitecture.ARM64, "x86_64": ecs.CpuArchitecture.X86_64}
_PRIVATE_IMAGE = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+/(?P<name>[^:@]+)"
    r"(:(?P<tag>[^@]+))?(@(?P<digest>sha256:[a-f0-9]+))?"
)
# Where the agent of ECS Exec writes: it cannot start on a file system that is read-only as a whole.
_EXEC_PATHS = {"ExecState": "/var/lib/amazon", "ExecLogs": "/var/log/amazon"}


class ApplicationContainer(Construct):
    """The task definition: the file's image, or the default application in the public Python image.

    The root file system is read-only, the user is not root, no capability is left unless ECS Exec is on, and nothing
    secret is in the environment. The execution role fetches the image and writes the log; the task role is the
    application's.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        runtime: ApplicationRuntime,
        version: str,
        settings: Containers,
        log_group: logs.ILogGroup,
    ) -> None:
        super().__init__(scope, construct_id)
        image = _filled_in(runtime.settings.image, self)
        self.task_role = self._role("TaskRole", "What the application's tasks may do")
        runtime.grant(self.task_role)
        self.execution_role = self._role("ExecutionRole", "What ECS may do to start the application's tasks")
        log_group.grant_write(self.execution_role)
        self.definition = ecs.FargateTaskDefinition(
            self,
            "Definition",
            cpu=settings.cpu,
            memory_limit_mib=settings.memory_mib,
            runtime_platform=ecs.RuntimePlatform(
                cpu_architecture=_ARCHITECTURES[settings.architecture],
                operating_system_family=ecs.OperatingSystemFamily.LINUX,
            ),
            task_role=self.task_role,
            execution_role=self.execution_role,
        )
        self._container(image, runtime, version, settings, log_group)
        acknowledge(
            self.definition,
            "AwsSolutions-ECS2",
            reason="The variables name regions, tables and ports; what is secret is read from Secrets Manager",
        )

    def _role(self, construct_id: str, description: str) -> iam.Role:
        account = cdk.Stack.of(self).account
        return iam.Role(
            self,
            construct_id,
            description=description,
            assumed_by=iam.ServicePrincipal(
                "ecs-tasks.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": account}}
            ),
        )

    def _container(
        self,
        image: str | None,
        runtime: ApplicationRuntime,
        version: str,
        settings: Containers,
        log_group: logs.ILogGroup,
    ) -> None:
        hardening = ecs.LinuxParameters(self, "Hardening", init_process_enabled=True)
        if not settings.exec:
            hardening.drop_capabilities(ecs.Capability.ALL)
        container = self.definition.add_container(
            "Application",
            image=self._image(image or _PYTHON_IMAGE),
            command=None if image else container_command(),
            environment=runtime.environment(version=version),
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix="application",
                log_group=log_group,
                # Requests are answered even when the log cannot be written for a while.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=cdk.Size.mebibytes(4),
            ),
            port_mappings=[ecs.PortMapping(container_port=runtime.settings.port)],
            readonly_root_filesystem=True,
            user=settings.user,
            linux_parameters=hardening,
            # A port below 1024 is nothing special in a network of its own, and needs no right to be opened.
            system_controls=[ecs.SystemControl(namespace="net.ipv4.ip_unprivileged_port_start", value="0")],
            ulimits=[ecs.Ulimit(name=ecs.UlimitName.NOFILE, soft_limit=65536, hard_limit=65536)],
            stop_timeout=cdk.Duration.seconds(DRAIN.to_seconds() * 2),
        )
        if settings.exec:
            self._make_room_for_exec(container)

    def _make_room_for_exec(self, container: ecs.ContainerDefinition) -> None:
        for name, path in _EXEC_PATHS.items():
            self.definition.add_volume(name=name)
            container.add_mount_points(ecs.MountPoint(source_volume=name, container_path=path, read_only=False))

    def _image(self, image: str) -> ecs.ContainerImage:
        """An image of a private registry comes with the right to pull it, and it alone."""
        private = _PRIVATE_IMAGE.fullmatch(image)
        if not private:
            return ecs.ContainerImage.from_registry(image)
        name = private["name"]
        repository = ecr.Repository.from_repository_attributes(
            self,
            "Repository",
            repository_name=name,
            repository_arn=f"arn:{PARTITION}:ecr:{private['region']}:{private['account']}:repository/{name}",
        )
        acknowledge(
            self.execution_role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="GetAuthorizationToken knows no narrower resource",
        )
        return ecs.ContainerImage.from_ecr_repository(repository, private["digest"] or private["tag"])


def _filled_in(image: str | None, scope: Construct) -> str | None:
    stack = cdk.Stack.of(scope)
    return image.format(account=stack.account, region=stack.region) if image else None
