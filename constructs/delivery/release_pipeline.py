"""The pipeline of a region: it updates itself, then releases to every region in the order of its plan."""

from collections.abc import Iterable, Mapping
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_codepipeline as codepipeline
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import cx_api, pipelines
from constructs import Construct
from constructs.delivery.build_defaults import CDK_ASSETS_CLI, CDK_CLI, build_defaults
from constructs.delivery.release_plan import Wave, release_waves
from constructs.delivery.release_roles import ReleaseRoles
from constructs.delivery.release_steps import ReleaseSteps
from constructs.delivery.release_unit import ReleaseUnit, stack_dependencies
from constructs.shared.acknowledgement import acknowledge, logical_id

from configuration import Environment
from configuration.delivery import Delivery
from configuration.partition import PARTITION

APPROVAL = "Approval"
_SELF_UPDATE = "UpdatePipeline"


class Release:
    """What a release of one environment deploys, and in which order; all its pipelines share it."""

    def __init__(self, *, environment: Environment, assembly: cx_api.CloudAssembly) -> None:
        """``assembly`` is the platform's, as synthesised."""
        self.waves = release_waves(environment, stack_dependencies(assembly))
        lost = environment.delivery.lost_regions if environment.delivery else ()
        self.regions = sorted({stack.environment.region for stack in assembly.stacks} - set(lost))
        units = cdk.App(analytics_reporting=False)
        self.stages = {
            unit.name: ReleaseUnit(units, unit.name, assembly=assembly, stacks=unit.stacks)
            for wave in self.waves
            for unit in wave.units
        }


class ReleasePipeline(Construct):
    """Source, tests and synthesis, its own update, assets, approval, then wave after wave.

    Only the active region's pipeline starts with a push. A standby has the same definition without the trigger, and
    with the way into the stage after its own update closed: even when a person starts it, it brings itself up to
    date and deploys nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        delivery: Delivery,
        release: Release,
        connection_arn: str,
        artifacts: s3.IBucket,
        other_artifacts: Mapping[str, s3.IBucket],
        roles: ReleaseRoles,
        log_group: logs.ILogGroup,
        sibling_stacks: list[str],
    ) -> None:
        """``sibling_stacks`` are the paths of the other regions' CICD stacks, which are kept up to date with this."""
        super().__init__(scope, construct_id)
        self._environment = environment
        source = pipelines.CodePipelineSource.connection(
            delivery.repository,
            delivery.branch,
            action_name="Repository",
            connection_arn=connection_arn,
            # The repository itself, with its history: tests ask git what belongs to it.
            code_build_clone_output=True,
            # A trigger with filters takes the place of the plain one.
            trigger_on_push=False,
        )
        self._steps = ReleaseSteps(
            environment=environment,
            source=source,
            artifacts=artifacts,
            build_role=roles.build,
            verification_role=roles.verification,
        )
        synth = self._steps.synth()
        synth.add_step_dependency(self._steps.test())
        self.pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            pipeline_name=environment.names.pipeline,
            pipeline_type=codepipeline.PipelineType.V2,
            execution_mode=codepipeline.ExecutionMode.SUPERSEDED,
            synth=synth,
            cross_region_replication_buckets={cdk.Stack.of(self).region: artifacts, **other_artifacts},
            role=roles.pipeline,
            use_pipeline_role_for_actions=True,
            # One action for each stack, and one that can be tried again.
            use_change_sets=False,
            publish_assets_in_parallel=False,
            cli_version=CDK_CLI,
            cdk_assets_cli_version=CDK_ASSETS_CLI,
            code_build_defaults=build_defaults(log_group),
            self_mutation_code_build_defaults=_updates_first(sibling_stacks),
        )
        if delivery.approval == "required":
            differences = self._steps.differences(synth, role=roles.differences)
            approval = self._steps.approval(differences)
            self.pipeline.add_wave(APPROVAL, pre=[differences, approval])
        for wave in release.waves:
            last = self._add(wave, release)
        last.add_post(*self._steps.finally_(release.regions))
        self.pipeline.build_pipeline()
        self._roll_back(release)
        self._acknowledge(roles.pipeline, artifacts, other_artifacts.values())
        if delivery.active(home=environment.home.name) == cdk.Stack.of(self).region:
            self._start_with_pushes(delivery)
        else:
            self._stand_by()

    def _add(self, wave: Wave, release: Release) -> pipelines.Wave:
        added = self.pipeline.add_wave(wave.name)
        for unit in wave.units:
            if unit.region is None:
                added.add_stage(release.stages[unit.name])
            else:
                began = self._steps.before(unit)
                after = self._steps.after(unit, began=began)
                added.add_stage(release.stages[unit.name], pre=[began], post=after)
        return added

    @property
    def _resource(self) -> codepipeline.CfnPipeline:
        return cast("codepipeline.CfnPipeline", self.pipeline.pipeline.node.default_child)

    @property
    def _stage_names(self) -> list[str]:
        return [stage.stage_name for stage in self.pipeline.pipeline.stages]

    def _roll_back(self, release: Release) -> None:
        """A stage that fails deploys again what it deployed last with success.

        https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
        """
        deploying = {wave.units[0].name if len(wave.units) == 1 else wave.name for wave in release.waves}
        for position, name in enumerate(self._stage_names):
            # A stage of more than 50 actions is cut into name.1, name.2 and so on.
            if name in deploying or name.rpartition(".")[0] in deploying:
                self._resource.add_property_override(f"Stages.{position}.OnFailure", {"Result": "ROLLBACK"})

    def _start_with_pushes(self, delivery: Delivery) -> None:
        paths = {"Includes": list(delivery.paths.include), "Excludes": list(delivery.paths.exclude)}
        given = {key: patterns for key, patterns in paths.items() if patterns}
        push = {"Branches": {"Includes": [delivery.branch]}, **({"FilePaths": given} if given else {})}
        git = {"SourceActionName": "Repository", "Push": [push]}
        trigger = {"ProviderType": "CodeStarSourceConnection", "GitConfiguration": git}
        self._resource.add_property_override("Triggers", [trigger])

    def _acknowledge(self, role: iam.IRole, artifacts: s3.IBucket, others: Iterable[s3.IBucket]) -> None:
        """Accept what CDK grants to the pipeline, to its self-update and to what publishes assets."""
        # cfn-lint advises Fn::Sub for the role ARNs that CDK joins, and calls that advice (I1022) an error here.
        self._resource.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3703"]}})
        stack = cdk.Stack.of(self)
        whole = f"AwsSolutions-IAM5[Resource::<{logical_id(artifacts)}.Arn>/*]"
        reading = tuple(f"AwsSolutions-IAM5[Action::s3:{action}*]" for action in ("GetBucket", "GetObject", "List"))
        key = tuple(f"AwsSolutions-IAM5[Action::kms:{action}*]" for action in ("GenerateDataKey", "ReEncrypt"))
        writing = tuple(f"AwsSolutions-IAM5[Action::s3:{action}*]" for action in ("Abort", "DeleteObject"))
        elsewhere = tuple(f"AwsSolutions-IAM5[Resource::{bucket.bucket_arn}/*]" for bucket in others)
        acknowledge(
            role,
            *(whole, *reading, *key, *writing, *elsewhere),
            reason="CodePipeline names artifacts by execution, in the artifacts buckets that are named here",
        )
        project = logical_id(self.pipeline.self_mutation_project)
        reports = f"arn:{PARTITION}:codebuild:{stack.region}:{stack.account}:report-group"
        log_groups = f"arn:{PARTITION}:logs:{stack.region}:{stack.account}:log-group:/aws/codebuild/"
        acknowledge(
            self.pipeline,
            *(whole, *reading, *key),
            f"AwsSolutions-IAM5[Resource::{reports}/*]",
            f"AwsSolutions-IAM5[Resource::{reports}/<{project}>-*]",
            f"AwsSolutions-IAM5[Resource::{log_groups}*]",
            f"AwsSolutions-IAM5[Resource::{log_groups}<{project}>:*]",
            reason="CDK's own builds read the assembly and write their logs",
        )
        acknowledge(
            self.pipeline,
            f"AwsSolutions-IAM5[Resource::arn:*:iam::{stack.account}:role/*]",
            "AwsSolutions-IAM5[Resource::*]",
            reason="The self-update takes on roles that cdk bootstrap made and none else, by its condition; the "
            "publication of assets may start builds",
        )

    def _stand_by(self) -> None:
        names = self._stage_names
        closed = {"StageName": names[names.index(_SELF_UPDATE) + 1], "Reason": "Standby: another region releases"}
        self._resource.add_property_override("DisableInboundStageTransitions", [closed])


def _updates_first(stacks: list[str]) -> pipelines.CodeBuildOptions | None:
    """Self-update that begins with other stacks: a region's artifacts bucket is there before its first deployment."""
    if not stacks:
        return None
    command = f"cdk -a . deploy {' '.join(stacks)} --exclusively --require-approval=never"
    return pipelines.CodeBuildOptions(
        partial_build_spec=codebuild.BuildSpec.from_object(
            {"version": "0.2", "phases": {"build": {"commands": [command]}}}
        )
    )
