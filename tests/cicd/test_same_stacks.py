"""The laptop and the pipeline deploy the same stacks: the same names, in the same places, from the same files."""

import json

from configuration.names import Stacks
from tests.cicd.reading import pipeline_of, released
from tests.synthesis import Assembly


def tags_by_cdk(assembly: Assembly) -> dict[str, dict[str, str]]:
    """The tags that `cdk deploy` gives to each stack."""
    manifests = [json.loads(path.read_text()) for path in assembly.directory.rglob("manifest.json")]
    return {
        artifact["properties"]["stackName"]: artifact["properties"]["tags"]
        for manifest in manifests
        for artifact in manifest.get("artifacts", {}).values()
        if artifact["type"] == "aws:cloudformation:stack"
    }


def test_the_pipeline_deploys_every_stack_of_the_platform_once_from_the_laptops_own_template(
    provided: Assembly,
) -> None:
    home = provided.environment.home.name
    deployed = [action for stage in pipeline_of(provided).stages for action in stage.deployments]
    expected = {stack.name: stack for stack in provided.stacks if stack.service != Stacks.CICD}
    assert sorted(action.stack for action in deployed) == sorted(expected)
    for action in deployed:
        stack = expected[action.stack]
        assert (provided.directory / action.template).resolve() == stack.path.resolve()
        assert (action.region or home) == stack.region
        tags = json.loads((provided.directory / f"{action.template}.config.json").read_text())["Tags"]
        assert tags == tags_by_cdk(provided)[action.stack]


def test_cdk_deploy_knows_nothing_of_the_units_of_a_release(provided: Assembly) -> None:
    names = [stack.name for stack in provided.stacks]
    assert len(set(names)) == len(names)
    assert {manifest.parent.name for manifest in provided.directory.rglob("manifest.json")} == {
        provided.directory.name,
        f"assembly-{provided.environment.names.prefix}",
    }


def test_both_hand_a_stack_to_the_same_roles(platform: Assembly) -> None:
    for stage in pipeline_of(platform).stages:
        for action in stage.deployments:
            region = action.region or platform.environment.home.name
            assert f"cdk-hnb659fds-deploy-role-000000000000-{region}" in action.role
            role = json.dumps(action.configuration["RoleArn"])
            assert f"cdk-hnb659fds-cfn-exec-role-000000000000-{region}" in role


def test_the_structure_stays_when_a_template_changes() -> None:
    """A stage goes back only to what ran in the very same structure: no commit may change it by its content."""
    before = pipeline_of(released(regions=2))
    after = pipeline_of(released(regions=2, values={"db_backup_retention_days": 8}))
    assert before.properties == after.properties
    assert before.stack.template == after.stack.template
