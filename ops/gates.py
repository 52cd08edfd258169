"""Holds an environment's templates against cfn-lint and cdk-nag: `python -m ops.gates --environment prod`.

A finding of either, a warning too, is a failure. What is accepted is acknowledged at its resource with a
reason, or for every template in ``.cfnlintrc.yaml``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from app import build
from configuration import ConfigurationError, Environment, load_environment

PROJECT = Path(__file__).resolve().parent.parent


def synthesise(environment: Environment, directory: Path, *, nag: bool) -> None:
    """Synthesise an environment into ``directory`` without packaging its functions.

    Without the built-in template validation too: cfn-lint judges the same templates.
    """
    context = json.loads((PROJECT / "cdk.json").read_text())["context"]
    app = cdk.App(
        outdir=str(directory),
        context=context | {"aws:cdk:bundling-stacks": []},
        analytics_reporting=False,
        builtin_cloud_formation_validation=False,
    )
    if nag:
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks())
    build(app, environment)
    app.synth()


def nag_findings(environment: Environment) -> Iterator[str]:
    """What cdk-nag's AwsSolutions and CDK's own annotations say of an environment."""
    with tempfile.TemporaryDirectory() as directory:
        # Findings make the synthesis raise; they are read from the report it leaves.
        try:
            synthesise(environment, Path(directory), nag=True)
        except RuntimeError as error:
            if "ValidationFailed" not in str(error):
                raise
        report = json.loads((Path(directory) / "validation-report.json").read_text())
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield f"{construct['constructPath']}: {violation['ruleName']}: {violation['description']}"


def lint_findings(templates: dict[str, list[Path]]) -> Iterator[str]:
    """What cfn-lint says of templates, given by the region they are deployed to."""
    for region, paths in templates.items():
        command = [str(Path(sys.executable).with_name("cfn-lint")), "--format", "parseable", "--regions", region, "--"]
        outcome = subprocess.run(  # noqa: S603 - the pinned tool and our own templates
            [*command, *map(str, paths)], capture_output=True, text=True, check=False, cwd=PROJECT
        )
        if outcome.stderr:
            yield outcome.stderr
        yield from outcome.stdout.splitlines()


def templates_by_region(directory: Path) -> dict[str, list[Path]]:
    """The templates of an assembly, by the region they are deployed to."""
    found: dict[str, list[Path]] = defaultdict(list)
    for manifest in sorted(directory.rglob("manifest.json")):
        for artifact in json.loads(manifest.read_text()).get("artifacts", {}).values():
            if artifact["type"] == "aws:cloudformation:stack":
                region = artifact["environment"].rsplit("/", 1)[-1]
                found[region].append(manifest.parent / artifact["properties"]["templateFile"])
    return dict(found)


def main(arguments: list[str] | None = None) -> int:
    """Print every finding; the exit code is 0 when there is none, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m ops.gates", description="cfn-lint and cdk-nag over the templates")
    parser.add_argument("--environment", default="local", help="a name in environments/ or the path of a file")
    options = parser.parse_args(arguments)
    try:
        environment = load_environment(options.environment)
    except ConfigurationError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    findings = list(nag_findings(environment))
    with tempfile.TemporaryDirectory() as directory:
        synthesise(environment, Path(directory), nag=False)
        findings += lint_findings(templates_by_region(Path(directory)))
    print("\n".join([*findings, f"{len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
