"""The pipelines: one in every region, one of which releases, in the order of the file."""

from typing import Any

import pytest
import yaml
from constructs.delivery.build_defaults import CDK_CLI

from configuration.names import Stacks
from tests.cicd.reading import Pipeline, pipeline_of, released
from tests.synthesis import PROJECT, Assembly
from tests.template_reading import order, text

HOME, SECOND, THIRD = "us-east-1", "us-west-2", "eu-west-1"
BEFORE_DEPLOYMENTS = ["Source", "Build", "UpdatePipeline", "Assets"]


def regions_of(pipeline: Pipeline) -> list[set[str]]:
    """The regions each deploying stage reaches, in order."""
    return [{action.stack.split("-", 3)[3] for action in stage.deployments} for stage in pipeline.deploying]


@pytest.mark.parametrize(
    ("regions", "stages"),
    [
        (1, ["Foundation", HOME, "Global"]),
        (2, ["Foundation", HOME, SECOND, "BetweenRegions", "Global"]),
        (3, ["Foundation", HOME, "OtherRegions", "BetweenRegions", "Global"]),
    ],
)
def test_a_release_reaches_the_canary_then_the_others_and_the_global_stack_last(
    regions: int, stages: list[str]
) -> None:
    assert pipeline_of(released(regions=regions)).names == BEFORE_DEPLOYMENTS + stages


def test_every_region_has_a_pipeline_of_the_same_definition(platform: Assembly) -> None:
    def without_what_differs(pipeline: Pipeline) -> Any:
        return [
            (stage.name, stage.on_failure, [(action.name, action.order) for action in stage.actions])
            for stage in pipeline.stages
        ]

    pipelines = [pipeline_of(platform, region.name) for region in platform.environment.regions]
    assert len(platform.of(Stacks.CICD)) == len(pipelines)
    for pipeline in pipelines:
        assert without_what_differs(pipeline) == without_what_differs(pipelines[0])
        assert pipeline.properties["PipelineType"] == "V2"
        assert pipeline.properties["ExecutionMode"] == "SUPERSEDED"


@pytest.mark.parametrize("active", [HOME, SECOND])
def test_a_single_region_releases_and_the_others_stand_by(active: str) -> None:
    assembly = released(regions=2, active_region=active)
    for region in (HOME, SECOND):
        properties = pipeline_of(assembly, region).properties
        stage = pipeline_of(assembly, region).stage("Source")
        # Only a trigger may start it, never the plain detection of changes.
        assert stage.action("Repository").configuration["DetectChanges"] is False
        if region == active:
            assert len(properties["Triggers"]) == 1
            assert "DisableInboundStageTransitions" not in properties
        else:
            assert "Triggers" not in properties
            (closed,) = properties["DisableInboundStageTransitions"]
            names = pipeline_of(assembly, region).names
            assert names.index(closed["StageName"]) == names.index("UpdatePipeline") + 1
            assert closed["Reason"]


def test_the_home_region_releases_unless_the_file_says_otherwise() -> None:
    assert "Triggers" in pipeline_of(released(regions=1), HOME).properties


def test_the_trigger_has_the_branch_and_the_paths_of_the_file() -> None:
    paths = {"include": ["stacks/**", "constructs/**"], "exclude": ["docs/**"]}
    pipeline = pipeline_of(released(regions=1, branch="releases", paths=paths))
    (trigger,) = pipeline.properties["Triggers"]
    assert trigger["ProviderType"] == "CodeStarSourceConnection"
    git = trigger["GitConfiguration"]
    assert git["SourceActionName"] == pipeline.stage("Source").actions[0].name
    assert git["Push"] == [
        {
            "Branches": {"Includes": ["releases"]},
            "FilePaths": {"Includes": ["stacks/**", "constructs/**"], "Excludes": ["docs/**"]},
        }
    ]
    source = pipeline.stage("Source").actions[0].configuration
    assert (source["FullRepositoryId"], source["BranchName"]) == ("acme/platform", "releases")


def test_a_connection_of_the_file_is_used_and_a_missing_one_is_made() -> None:
    arn = f"arn:aws:codeconnections:{SECOND}:000000000000:connection/11111111-2222-3333-4444-555555555555"
    assembly = released(regions=2, connections=[arn])
    given = assembly.stack(Stacks.CICD, SECOND)
    assert pipeline_of(assembly, SECOND).stages[0].actions[0].configuration["ConnectionArn"] == arn
    assert not given.of_type("AWS::CodeConnections::Connection")
    made = assembly.stack(Stacks.CICD, HOME)
    ((logical_id, connection),) = made.of_type("AWS::CodeConnections::Connection").items()
    assert connection["Properties"]["ProviderType"] == "GitHub"
    assert len(connection["Properties"]["ConnectionName"]) <= 32
    used = pipeline_of(assembly, HOME).stages[0].actions[0].configuration["ConnectionArn"]
    assert used == {"Fn::GetAtt": [logical_id, "ConnectionArn"]}
    (output,) = [output for output in made.template["Outputs"].values() if "Authorise" in output.get("Description", "")]
    assert output["Value"] == used


def test_the_canary_region_is_the_files() -> None:
    pipeline = pipeline_of(released(regions=2, canary_region=SECOND))
    assert pipeline.names[4:] == ["Foundation", SECOND, HOME, "BetweenRegions", "Global"]


def test_the_other_regions_follow_all_at_once_or_one_by_one() -> None:
    assert regions_of(pipeline_of(released(other_regions="parallel")))[2] == {SECOND, THIRD}
    one_by_one = pipeline_of(released(other_regions="sequential"))
    assert one_by_one.names[4:] == ["Foundation", HOME, SECOND, THIRD, "BetweenRegions", "Global"]


def test_whatever_a_stack_waits_for_is_deployed_before_it(platform: Assembly) -> None:
    """By the order of `cdk deploy`: every dependency stands in an earlier stage or an earlier step of the same."""
    position = {
        action.stack: (at, action.order)
        for at, stage in enumerate(pipeline_of(platform).stages)
        for action in stage.deployments
    }
    for stack, awaited in order(platform).items():
        if stack in position:
            assert [one for one in awaited if position[one] >= position[stack]] == [], stack


def test_a_lost_region_is_left_out_and_releases_go_on_from_another() -> None:
    assembly = released(active_region=SECOND, canary_region=SECOND, lost_regions=[HOME])
    pipeline = pipeline_of(assembly, SECOND)
    assert all(HOME not in regions for regions in regions_of(pipeline))
    assert pipeline.names[-3:] == [SECOND, THIRD, "BetweenRegions"]
    stores = {store["Region"] for store in pipeline.properties["ArtifactStores"]}
    assert stores == {SECOND, THIRD}
    (update,) = pipeline.stage("UpdatePipeline").actions
    assert not any(HOME in command for command in pipeline.commands(update))


@pytest.mark.parametrize("approval", ["none", "required"])
def test_a_person_approves_where_the_file_says_so_before_anything_is_deployed(approval: str) -> None:
    pipeline = pipeline_of(released(regions=1, approval=approval))
    manual = [action for stage in pipeline.stages for action in stage.actions if action.provider == "Manual"]
    if approval == "none":
        assert manual == []
        return
    assert len(manual) == 1
    at = pipeline.names.index("Approval")
    assert at < pipeline.names.index(pipeline.deploying[0].name)
    stage = pipeline.stages[at]
    differences = stage.action("Differences")
    assert differences.order < stage.action("Approve").order
    # A refusal is no failed deployment: nothing goes back because of it.
    assert stage.on_failure is None


def test_the_approver_sees_what_changes() -> None:
    pipeline = pipeline_of(released(regions=1, approval="required"))
    stage = pipeline.stage("Approval")
    commands = pipeline.commands(stage.action("Differences"))
    assert any("cdk --app . diff '**' --method=template" in command for command in commands)
    (upload,) = [command for command in commands if command.startswith("aws s3 cp")]
    assert upload.endswith('/differences/\'"$EXECUTION".txt')
    configuration = stage.action("Approve").configuration
    assert text(configuration["ExternalEntityLink"]).endswith("differences/#{codepipeline.PipelineExecutionId}.txt")
    assert "SUMMARY}" in configuration["CustomData"]
    exported = pipeline.buildspec(stage.action("Differences"))["env"]["exported-variables"]
    assert exported == ["SUMMARY"]


def test_every_stage_that_deploys_goes_back_when_it_fails(platform: Assembly) -> None:
    pipeline = pipeline_of(platform)
    assert {stage.name: stage.on_failure for stage in pipeline.deploying} == {
        stage.name: "ROLLBACK" for stage in pipeline.deploying
    }
    # Sources cannot go back, and a pipeline that took its own update back would never be updated.
    for name in BEFORE_DEPLOYMENTS:
        assert pipeline.stage(name).on_failure is None


@pytest.mark.parametrize("others", ["parallel", "sequential"])
def test_every_region_is_verified_after_it_is_deployed(others: str) -> None:
    pipeline = pipeline_of(released(other_regions=others, canary_bake_minutes=42, bake_minutes=7))
    for region, minutes in ((HOME, 42), (SECOND, 7), (THIRD, 7)):
        apart = others == "sequential" or region == HOME
        stage = pipeline.stage(region if apart else "OtherRegions")
        prefix = "" if apart else f"{region}."
        begin, smoke, gate = (stage.action(f"{prefix}{name}") for name in ("Begin", "SmokeTest", "AlarmGate"))
        orders = [action.order for action in stage.deployments if action.stack.endswith(region)]
        assert begin.order < min(orders)
        assert max(orders) < smoke.order < gate.order
        (command,) = [command for command in pipeline.commands(gate) if "alarm-gate" in command]
        assert f'--prefix Acme-test- --since "$BEGAN" --minutes {minutes}' in command
        assert pipeline.project(gate)["TimeoutInMinutes"] > minutes
        assert f"https://{region}.app.test.acme.example/health" in " ".join(pipeline.commands(smoke))
        variables = gate.configuration["EnvironmentVariables"]
        assert "BEGAN" in variables
        assert "#{" in variables
        assert pipeline.buildspec(begin)["env"]["exported-variables"] == ["BEGAN"]


def test_the_global_name_is_tried_at_the_very_end(platform: Assembly) -> None:
    pipeline = pipeline_of(platform)
    last = pipeline.stages[-1]
    smoke = last.action("SmokeTest")
    assert smoke.order > max(action.order for action in last.deployments)
    assert any("https://app.test.acme.example/health" in command for command in pipeline.commands(smoke))


@pytest.mark.parametrize(
    ("allowed", "regional", "shared"),
    [(["0.0.0.0/0"], "--probe https", "--probe https"), (["203.0.113.0/24"], "--probe health-check", "--probe dns")],
)
def test_where_builds_are_not_admitted_the_checkers_are_asked(allowed: list[str], regional: str, shared: str) -> None:
    pipeline = pipeline_of(released(regions=1, values={"allowed_cidr": allowed}))
    assert regional in " ".join(pipeline.commands(pipeline.stage(HOME).action("SmokeTest")))
    assert shared in " ".join(pipeline.commands(pipeline.stage("Global").action("SmokeTest")))


@pytest.mark.parametrize("kept", [True, False])
def test_stacks_that_keep_data_are_protected_after_a_release(kept: bool) -> None:
    pipeline = pipeline_of(released(regions=2, values={"retain_data": kept}))
    found = [action for action in pipeline.stage("Global").actions if action.name == "Protect"]
    assert bool(found) == kept
    if kept:
        assert f"protect --prefix Acme-test- --regions {HOME},{SECOND}" in " ".join(pipeline.commands(found[0]))


def test_the_projects_own_test_command_stands_before_the_synthesis() -> None:
    pipeline = pipeline_of(released(regions=1))
    build = pipeline.stage("Build")
    test, synth = build.action("Test"), build.action("Synth")
    assert test.order < synth.order
    (command,) = pipeline.commands(test)
    assert (PROJECT / command).is_file()
    assert "make test" in (PROJECT / command).read_text()


def test_python_node_and_the_cli_are_pinned_and_docker_is_absent(platform: Assembly) -> None:
    pipeline = pipeline_of(platform)
    for project in pipeline.stack.properties("AWS::CodeBuild::Project"):
        assert project["Environment"]["PrivilegedMode"] is False
        assert project["Environment"]["Image"] == "aws/codebuild/standard:8.0"
    for stage in pipeline.stages:
        for action in stage.actions:
            if action.provider == "CodeBuild" and stage.name != "Assets":
                versions = pipeline.buildspec(action)["phases"]["install"]["runtime-versions"]
                assert versions == {"python": "3.13", "nodejs": "24"}
    (update,) = pipeline.stage("UpdatePipeline").actions
    assert f"npm install -g aws-cdk@{CDK_CLI}" in pipeline.commands(update)


def test_the_pipeline_updates_its_siblings_and_itself_before_it_deploys(platform: Assembly) -> None:
    for region in platform.environment.regions:
        pipeline = pipeline_of(platform, region.name)
        (update,) = pipeline.stage("UpdatePipeline").actions
        deploys = [command for command in pipeline.commands(update) if " deploy " in command]
        assert f" deploy CICD-{region.name} " in deploys[-1]
        siblings = platform.environment.others_than(region)
        assert all(f"CICD-{sibling.name}" in deploys[0] for sibling in siblings)
        assert len(deploys) == 1 + bool(siblings)


def test_every_asset_is_published_once_for_each_region(platform: Assembly) -> None:
    pipeline = pipeline_of(platform)
    (assets,) = pipeline.stage("Assets").actions
    spec = pipeline.project(assets)["Source"]["BuildSpec"]
    commands = yaml.safe_load((platform.directory / spec).read_text())["phases"]["build"]["commands"]
    published = [command.rpartition('publish "')[2] for command in commands]
    assert published
    assert len(set(published)) == len(published)
    for command in commands:
        manifest = command.partition('--path "')[2].partition('"')[0]
        assert (platform.directory / manifest).is_file(), command


def test_the_builds_keep_their_downloads_and_logs(platform: Assembly) -> None:
    pipeline = pipeline_of(platform)
    ((group, log_group),) = pipeline.stack.of_type("AWS::Logs::LogGroup").items()
    assert log_group["Properties"]["RetentionInDays"] == platform.environment.log_retention_days
    assert "KmsKeyId" in log_group["Properties"]
    for project in pipeline.stack.properties("AWS::CodeBuild::Project"):
        assert project["LogsConfig"]["CloudWatchLogs"] == {"GroupName": {"Ref": group}, "Status": "ENABLED"}
    for name in ("Test", "Synth"):
        action = pipeline.stage("Build").action(name)
        assert pipeline.project(action)["Cache"]["Type"] == "S3"
        assert "/root/.cache/uv/**/*" in pipeline.buildspec(action)["cache"]["paths"]
