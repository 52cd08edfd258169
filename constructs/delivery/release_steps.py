"""The builds of a release: the project's tests, the synthesis, what is shown for approval, and what verifies."""

from ipaddress import IPv4Network

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import pipelines
from constructs.delivery.build_defaults import CDK_CLI, caching
from constructs.delivery.release_plan import Unit

from configuration import Environment, Region

TEST_COMMAND = ".ci/run"
"""What CI runs in a fresh clone, on whatever machine."""

DIFFERENCES = "differences"
"""The folder of the artifacts bucket that holds what each release would change."""

_PREPARE = (
    "python3 -m venv .venv",
    ".venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt",
)
_WITH_OUR_TOOLS = 'PATH="$PWD/.venv/bin:$PWD/node_modules/.bin:$PATH"'
_COMMAND = ".venv/bin/python -m ops.release"
_EVERYWHERE = IPv4Network("0.0.0.0/0")
# Beyond the time an alarm gate watches: the machine starts, Python and its packages are installed.
_OVERHEAD_MINUTES = 15


class ReleaseSteps:
    """Makes the steps of one pipeline; every one reads the ``source`` as it was pushed."""

    def __init__(
        self,
        *,
        environment: Environment,
        source: pipelines.IFileSetProducer,
        artifacts: s3.IBucket,
        build_role: iam.IRole,
        verification_role: iam.IRole,
    ) -> None:
        """``build_role`` may do nothing in the account; ``verification_role`` may look, and protect stacks."""
        self._environment = environment
        self._source = source
        self._artifacts = artifacts
        self._build_role = build_role
        self._verification_role = verification_role

    def test(self) -> pipelines.CodeBuildStep:
        """The project's own test command; nothing is synthesised of what fails it."""
        return self._build("Test", commands=[TEST_COMMAND], compute_type=codebuild.ComputeType.LARGE)

    def synth(self) -> pipelines.CodeBuildStep:
        """The cloud assembly that every later stage deploys, made without Docker and without the account."""
        return self._build(
            "Synth",
            install_commands=["make setup"],
            commands=[
                f"{_WITH_OUR_TOOLS} cdk synth --quiet --no-notices -c environment={self._environment.environment}"
            ],
            compute_type=codebuild.ComputeType.MEDIUM,
            primary_output_directory="cdk.out",
        )

    def differences(self, assembly: pipelines.IFileSetProducer, *, role: iam.IRole) -> pipelines.CodeBuildStep:
        """What the release changes, security changes first in each stack, put where the approval points to."""
        return pipelines.CodeBuildStep(
            "Differences",
            input=assembly,
            install_commands=[f"npm install --global aws-cdk@{CDK_CLI}"],
            commands=[
                # Without change sets: reading must change nothing, and the lookup role can do no more.
                "cdk --app . diff '**' --method=template --no-color --no-notices > differences.txt 2>&1",
                f"aws s3 cp differences.txt 's3://{self._artifacts.bucket_name}/{DIFFERENCES}/'\"$EXECUTION\".txt",
                "export SUMMARY=\"$(grep -F 'Number of stacks with' differences.txt || echo 'No summary')\"",
                "cat differences.txt",
            ],
            env={"EXECUTION": "#{codepipeline.PipelineExecutionId}"},
            role=role,
            timeout=cdk.Duration.minutes(30),
        )

    def approval(self, differences: pipelines.CodeBuildStep) -> pipelines.ManualApprovalStep:
        """A person's yes, with the changes one click away."""
        stack = cdk.Stack.of(self._artifacts)
        step = pipelines.ManualApprovalStep(
            "Approve",
            comment=f"{differences.exported_variable('SUMMARY')}. Read what changes before you approve.",
            review_url=(
                f"https://{stack.region}.console.aws.amazon.com/s3/object/{self._artifacts.bucket_name}"
                f"?region={stack.region}&prefix={DIFFERENCES}/#{{codepipeline.PipelineExecutionId}}.txt"
            ),
        )
        step.add_step_dependency(differences)
        return step

    def before(self, unit: Unit) -> pipelines.CodeBuildStep:
        """Whether the region's stacks can be updated at all; and from when on an alarm is held against the release."""
        return self._verification(
            "Begin",
            f"{_COMMAND} ready --region {unit.region} --prefix {self._prefix}",
            "export BEGAN=$(date -u +%Y-%m-%dT%H:%M:%SZ)",
        )

    def after(self, unit: Unit, *, began: pipelines.CodeBuildStep) -> list[pipelines.Step]:
        """The region answers under its own name, and its alarms keep quiet."""
        region = next(region for region in self._environment.regions if region.name == unit.region)
        smoke = self._verification("SmokeTest", self._smoke_test(region))
        gate = self._verification(
            "AlarmGate",
            f'{_COMMAND} alarm-gate --region {unit.region} --prefix {self._prefix} --since "$BEGAN" '
            f"--minutes {unit.bake_minutes}",
            env={"BEGAN": began.exported_variable("BEGAN")},
            timeout=cdk.Duration.minutes(unit.bake_minutes + _OVERHEAD_MINUTES),
        )
        return list(pipelines.Step.sequence([smoke, gate]))

    def finally_(self, regions: list[str]) -> list[pipelines.Step]:
        """The public name answers; where data is kept, the stacks of ``regions`` are protected from deletion.

        CDK Pipelines ignores a stack's termination protection (https://github.com/aws/aws-cdk/issues/17871).
        """
        steps = [self._verification("SmokeTest", self._smoke_test(None))]
        if self._environment.retain_data:
            protect = f"{_COMMAND} protect --prefix {self._prefix} --regions {','.join(regions)}"
            steps.append(self._verification("Protect", protect))
        return list(pipelines.Step.sequence(list[pipelines.Step](steps)))

    @property
    def _prefix(self) -> str:
        return f"{self._environment.names.prefix}-"

    def _smoke_test(self, region: Region | None) -> str:
        """The command for one region's name, or for the one all share.

        Builds come from anywhere in AWS. Where the load balancers do not admit everywhere, Route 53's checkers,
        which they admit in any case, are asked instead, and for the shared name the DNS.
        """
        domain = self._environment.domain
        name = domain.application_in(region) if region else domain.application
        url = f"https://{name}{self._environment.compute.application.health_path}"
        closed = "health-check" if region else "dns"
        probe = "https" if _EVERYWHERE in self._environment.allowed_cidr else closed
        return f"{_COMMAND} smoke-test --url {url} --probe {probe}"

    def _build(
        self,
        step_id: str,
        *,
        commands: list[str],
        compute_type: codebuild.ComputeType,
        install_commands: list[str] | None = None,
        primary_output_directory: str | None = None,
    ) -> pipelines.CodeBuildStep:
        return pipelines.CodeBuildStep(
            step_id,
            input=self._source,
            install_commands=install_commands or [],
            commands=commands,
            primary_output_directory=primary_output_directory,
            build_environment=codebuild.BuildEnvironment(compute_type=compute_type),
            partial_build_spec=caching(),
            cache=codebuild.Cache.bucket(self._artifacts, prefix=f"cache/{step_id}"),
            role=self._build_role,
            timeout=cdk.Duration.minutes(60),
        )

    def _verification(
        self,
        step_id: str,
        *commands: str,
        env: dict[str, str] | None = None,
        timeout: cdk.Duration | None = None,
    ) -> pipelines.CodeBuildStep:
        return pipelines.CodeBuildStep(
            step_id,
            input=self._source,
            install_commands=list(_PREPARE),
            commands=list(commands),
            env=env,
            role=self._verification_role,
            timeout=timeout or cdk.Duration.minutes(_OVERHEAD_MINUTES),
        )
