"""`python -m ops.failover budget` shows how long a recovery takes at worst; `drill` measures it."""

import argparse
import sys

from ops.failover import budget, drill

_COMMANDS = {"budget": budget.main, "drill": drill.main}


def main(arguments: list[str] | None = None) -> int:
    """Run one command with its own arguments; 0 when everything is kept, 1 otherwise, 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python -m ops.failover", description=__doc__)
    parser.add_argument("command", choices=_COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="see `<command> --help`")
    options = parser.parse_args(arguments)
    return _COMMANDS[options.command](options.arguments)


if __name__ == "__main__":
    sys.exit(main())
