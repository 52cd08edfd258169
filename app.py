#!/usr/bin/env python3
"""The one entry point: an environment file in, the platform's CloudFormation templates out.

``cdk synth -c environment=prod`` reads ``environments/prod.yaml``; a path ending in .yaml names a file kept
elsewhere; without the key it is ``local``, whose account no real deployment can hit.
"""

import sys

import aws_cdk as cdk
from constructs.delivery.release_pipeline import Release
from constructs.shared.acknowledgement import acknowledge

from configuration import ConfigurationError, Environment, load_environment
from stacks.cicd import CicdStack
from stacks.platform import Platform
from stacks.tap_stack import TapStackProps


def build(app: cdk.App, environment: Environment) -> Platform:
    """Define everything of one environment below ``app``; the stage of the platform itself is returned."""
    # CDK prints the annotation where cfn-lint has W3010: the environment file names the zones (ADR 0003).
    acknowledge(app, "CloudFormation-Validate::W3010", reason="Zones are named, so that no synthesis looks them up")
    platform = Platform(app, environment=environment)
    if environment.delivery is not None:
        # Outside the stage, because a pipeline deploys the stage.
        release = Release(environment=environment, assembly=platform.synth(validate_on_synthesis=True))
        for region in platform.all_regions:
            props = TapStackProps(environment=environment, region=region)
            CicdStack(app, props=props, delivery=environment.delivery, release=release)
    return platform


def main() -> None:
    """Synthesise; a mistake in the environment file ends with exit code 1 and a list of all mistakes."""
    app = cdk.App()
    try:
        environment = load_environment(app.node.try_get_context("environment") or "local")
    except ConfigurationError as error:
        sys.exit(f"\n{error}\n")
    build(app, environment)
    app.synth()


if __name__ == "__main__":
    main()
