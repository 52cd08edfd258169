"""Functions in Python, packaged without Docker."""

import shutil
from pathlib import Path

import aws_cdk as cdk
import jsii
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.platform_log_group import PlatformLogGroup

_PROJECT = Path(__file__).resolve().parents[2]
_SOURCES = _PROJECT / "lambda"
_VENDORED = _PROJECT / "build" / "functions"
_SHARED_PACKAGE = "platform_runtime"
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html; CDK gives them to roles of its own only.
_NETWORK_INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".ready", "tests")


class PythonFunction(lambda_.Function):
    """A function from ``lambda/<package>``, with a role and a log group of its own and nothing it was not given.

    Its archive holds the package, the shared runtime package and the pinned pure-Python dependencies, so the
    same bytes run on ARM and x86. With a ``vpc`` it runs in the isolated subnets. ``reserved_concurrency``
    is for accounts whose quota allows it: None reserves nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: str,
        description: str,
        environment: dict[str, str],
        environment_key: kms.IKey,
        logs_key: kms.IKey,
        log_retention_days: int,
        removal_policy: cdk.RemovalPolicy,
        timeout: cdk.Duration,
        memory_mib: int = 256,
        vpc: ec2.IVpc | None = None,
        security_groups: list[ec2.ISecurityGroup] | None = None,
        reserved_concurrency: int | None = None,
    ) -> None:
        log_group = PlatformLogGroup(
            scope,
            f"{construct_id}Logs",
            key=logs_key,
            retention_days=log_retention_days,
            removal_policy=removal_policy,
        )
        role = iam.Role(
            scope,
            f"{construct_id}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {package} may do",
        )
        log_group.grant_write(role)
        if vpc:
            role.add_to_policy(iam.PolicyStatement(actions=_NETWORK_INTERFACES, resources=["*"]))
        super().__init__(
            scope,
            construct_id,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"{package}.handler.handler",
            code=_code(package),
            description=description,
            role=role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            environment=environment,
            environment_encryption=environment_key,
            timeout=timeout,
            memory_size=memory_mib,
            tracing=lambda_.Tracing.ACTIVE,
            vpc=vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED) if vpc else None,
            security_groups=security_groups,
            reserved_concurrent_executions=reserved_concurrency,
        )
        environment_key.grant_decrypt(role)
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            reason="X-Ray's write actions and the network interfaces of a function in a VPC know no resource",
        )
        acknowledge(
            self,
            "AwsSolutions-L1",
            reason="Python 3.13 is supported until June 2029, and what the tests run on is what is deployed",
        )


def _code(package: str) -> lambda_.Code:
    return lambda_.Code.from_asset(
        str(_SOURCES),
        # What the archive really holds decides whether the function changed.
        asset_hash_type=cdk.AssetHashType.OUTPUT,
        bundling=cdk.BundlingOptions(
            image=cdk.DockerImage.from_registry("none"),  # required by the type; the local bundling always succeeds
            command=[package],
            local=_Archive(package),  # type: ignore[arg-type]  # jsii hands the options over as one object
        ),
    )


@jsii.implements(cdk.ILocalBundling)
class _Archive:
    """Copies a package and what it imports into the asset's folder."""

    def __init__(self, package: str) -> None:
        self._package = package

    def try_bundle(self, output_dir: str, _options: cdk.BundlingOptions) -> bool:
        """Fill ``output_dir``; the vendored dependencies come from ``make setup``."""
        if not (_VENDORED / ".ready").exists():
            raise FileNotFoundError(
                "build/functions is missing: run `make setup`, which vendors the functions' dependencies"
            )
        output = Path(output_dir)
        shutil.copytree(_VENDORED, output, dirs_exist_ok=True, ignore=_IGNORED)
        for source in (self._package, _SHARED_PACKAGE):
            shutil.copytree(_SOURCES / source, output / source, ignore=_IGNORED)
        return True
