"""What every build of the pipeline has in common."""

import json
from pathlib import Path

from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_logs as logs
from aws_cdk import pipelines

PROJECT = Path(__file__).resolve().parents[2]

CDK_CLI = str(json.loads((PROJECT / "package.json").read_text(encoding="utf-8"))["devDependencies"]["aws-cdk"])
"""The version of the CDK CLI, the one the laptop uses."""

CDK_ASSETS_CLI = "4.7.3"
"""The version of the program that publishes assets; CDK Pipelines would take whatever is newest."""

RUNTIMES = {"python": "3.13", "nodejs": "24"}
"""What a build runs on; the image has both.

https://docs.aws.amazon.com/codebuild/latest/userguide/available-runtimes.html
"""

CACHED = ("/root/.cache/pip/**/*", "/root/.cache/uv/**/*", "/root/.npm/**/*")
"""The downloads that one build leaves to the next; every one is checked against its pinned hash again."""


def build_defaults(log_group: logs.ILogGroup) -> pipelines.CodeBuildOptions:
    """Image, runtimes and logs; without Docker, so no build is privileged."""
    return pipelines.CodeBuildOptions(
        build_environment=codebuild.BuildEnvironment(
            build_image=codebuild.LinuxBuildImage.STANDARD_8_0,
            compute_type=codebuild.ComputeType.SMALL,
            privileged=False,
        ),
        partial_build_spec=codebuild.BuildSpec.from_object(
            {"version": "0.2", "phases": {"install": {"runtime-versions": RUNTIMES}}}
        ),
        logging=codebuild.LoggingOptions(cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=log_group)),
    )


def caching() -> codebuild.BuildSpec:
    """The part of a buildspec by which downloads are kept."""
    return codebuild.BuildSpec.from_object({"version": "0.2", "cache": {"paths": list(CACHED)}})
