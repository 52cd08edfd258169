#!/usr/bin/env python3
"""The one entry point: an environment file in, the platform's CloudFormation templates out.

``cdk synth -c environment=prod`` reads ``environments/prod.yaml``; a path ending in .yaml names a file kept
elsewhere; without the key it is ``local``, whose account no real deployment can hit.
"""

import sys

import aws_cdk as cdk
from constructs.shared.acknowledgement import acknowledge

from configuration import ConfigurationError, Environment, load_environment
from stacks.cicd import CicdStack
from stacks.platform import Platform
from stacks.tap_stack import TapStackProps


def build(app: cdk.App, environment: Environment) -> Platform:
    """Define everything of one environment below ``app``; the stage of the platform itself is returned."""
    # CDK prints the annotation where cfn-lint has W3010: the environment file names the zones (ADR 0003).
    acknowledge(app, "CloudFormation-Validate::W3010", reason="Zones are named, so that no synthesis looks them up")
    if environment.security.permissions_boundary:
        # Read by every stack: its aspect reaches the roles of CDK's custom resources too.
        app.node.set_context("@aws-cdk/core:permissionsBoundary", {"name": environment.names.boundary})
    platform = Platform(app, environment=environment)
    for region in environment.regions:
        # Outside the stage, because a pipeline deploys the stage.
        CicdStack(app, props=TapStackProps(environment=environment, region=region))
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
