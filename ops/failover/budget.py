"""Shows what an environment promises: ``python -m ops.failover budget --environment prod``."""

import argparse
import sys

from configuration import ConfigurationError, load_environment
from configuration.failover.budget import failover_budget
from configuration.failover.promises import failover_settings


def main(arguments: list[str] | None = None) -> int:
    """Print the failover budget of an environment and its targets; a file that cannot keep them is refused with 1."""
    parser = argparse.ArgumentParser(prog="python -m ops.failover budget", description="How long a recovery takes")
    parser.add_argument("--environment", default="local", help="a name in environments/ or the path of a file")
    options = parser.parse_args(arguments)
    try:
        environment = load_environment(options.environment)
    except ConfigurationError as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    budget = failover_budget(failover_settings(environment.routing, environment.cdn))
    targets = environment.routing.rto_seconds.model_dump()
    print(f"{environment.names.prefix}: from the loss of a region until no request fails for it any more\n")
    print(budget.table())
    print("\nPromised: " + ", ".join(f"{path} within {seconds} s" for path, seconds in targets.items()))
    return 0
