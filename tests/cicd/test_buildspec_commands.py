"""The synthesis as the build does it: the buildspec's commands in a clean clone, and what they must leave."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from configuration import load_environment
from tests.cicd.reading import pipeline_of
from tests.synthesis import PROJECT, synthesise

ENVIRONMENT = "local"


@pytest.mark.deployment
def test_the_commands_of_the_synthesis_make_the_assembly_in_a_clean_clone(tmp_path: Path) -> None:
    """With what a build machine has and nothing of this checkout: no environment of Python or Node, no AWS."""
    assembly = synthesise(load_environment(ENVIRONMENT))
    pipeline = pipeline_of(assembly)
    synth = pipeline.stage("Build").action("Synth")
    spec = pipeline.buildspec(synth)
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT), str(clone)], check=True, timeout=60)
    tools = {str(PROJECT / ".venv" / "bin"), str(PROJECT / "node_modules" / ".bin")}
    path = os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part not in tools)
    ours = ("AWS_", "VIRTUAL_ENV", "PYTHON", "CDK_", "NODE_PATH", "MAKE", "COV_", "PYTEST_")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(ours)} | {"PATH": path}
    assert list(spec["phases"]) == ["install", "build"]
    for command in pipeline.commands(synth):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=clone,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    artifact = clone / spec["artifacts"]["base-directory"]
    assert spec["artifacts"]["files"] == ["**/*"]
    assert (artifact / "manifest.json").is_file()
    for stage in pipeline.stages:
        for action in stage.deployments:
            assert json.loads((artifact / action.template).read_text())["Resources"], action.stack
            assert (artifact / f"{action.template}.config.json").is_file(), action.stack
    (assets,) = pipeline.stage("Assets").actions
    assert (artifact / pipeline.project(assets)["Source"]["BuildSpec"]).is_file()
    # The next stage's command finds its stack in the artifact.
    assert {f"CICD-{region.name}.template.json" for region in assembly.environment.regions} <= {
        path.name for path in artifact.iterdir()
    }
