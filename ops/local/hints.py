"""How to use what keeps running."""

import os
import shlex

from configuration import Environment
from local_aws.environment import client_environment
from ops.local.progress import Progress
from ops.local.state import TOOLS, Running, State

_FOREIGN = "(AWS|AMAZON|BOTO|CDK)_[A-Za-z0-9_]*"
"""The variables that AWS's tools read, as a pattern for sed."""


def show(running: Running, environment: Environment, state: State, progress: Progress) -> None:
    """Write a file that points a shell at the local AWS, and say how to use and to stop it."""
    state.shell.write_text(shell_script(running, environment.home.name), encoding="utf-8")
    for line in (
        "",
        "It keeps running. In a shell of yours:",
        f"  source {state.shell}    # points the AWS CLI, the SDKs and cdk at it, and at nothing else",
        "  aws s3 ls",
        f"  cdk diff -c environment={running.environment} '**'",
        "`make local KEEP=1` deploys what you change; `make local-down` stops it.",
    ):
        progress.say(line)


def shell_script(running: Running, region: str) -> str:
    """What points any POSIX shell at the local AWS, after whatever led elsewhere is gone from it."""
    wanted = client_environment(running.endpoint, running.account, region, base={})
    proxied = {name: wanted.pop(name) for name in ("NO_PROXY", "no_proxy")}
    tools = os.pathsep.join(map(str, TOOLS))
    return "\n".join(
        [
            f"for name in $(env | sed -nE 's/^({_FOREIGN})=.*/\\1/p'); do unset \"$name\"; done",
            *(f"export {name}={shlex.quote(value)}" for name, value in sorted(wanted.items())),
            *(f'export {name}="{value}${{{name}:+,${name}}}"' for name, value in proxied.items()),
            f'export PATH={shlex.quote(tools)}:"$PATH"',
            "",
        ]
    )
