"""`python -m ops.local up` deploys the platform into the local AWS and uses it; `down` stops what was kept."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from configuration import ConfigurationError, load_environment
from ops.local import lifecycle
from ops.local.errors import LocalError
from ops.local.processes import stop_signals_interrupt
from ops.local.progress import Progress
from ops.local.state import State

_INTERRUPTED = 130  # what a shell reports for a command that Ctrl-C ended


def main(arguments: list[str] | None = None, *, state: State | None = None) -> int:
    """Run one command; 0 when everything succeeded, 1 for a failure, 2 for a wrong call, 130 for an interruption."""
    options = _parser().parse_args(arguments)
    progress = Progress(Console(highlight=False, soft_wrap=True))
    errors = Console(stderr=True, highlight=False, soft_wrap=True, style="red", markup=False)
    state = state or State()
    try:
        with stop_signals_interrupt():
            if options.command == "up":
                lifecycle.up(_options(options), state, progress)
            else:
                lifecycle.down(state, progress)
    except (LocalError, ConfigurationError) as error:
        errors.print(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        errors.print("\nInterrupted.")
        return _INTERRUPTED
    return 0


def _options(parsed: argparse.Namespace) -> lifecycle.Options:
    chosen: str = parsed.environment
    if chosen.endswith((".yaml", ".yml")):
        chosen = str(Path(chosen).resolve())  # cdk reads it from another folder
    return lifecycle.Options(
        environment=load_environment(chosen),
        chosen=chosen,
        port=parsed.port,
        enforce_iam=parsed.enforce_iam,
        keep=parsed.keep,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="deploy the platform into the local AWS and use it")
    up.add_argument("--environment", default="local", help="a name in environments/ or the path of a file")
    up.add_argument("--port", type=_port, help="the port on 127.0.0.1 (default 4566, or that of what runs already)")
    up.add_argument("--enforce-iam", action="store_true", help="refuse what no IAM policy allows")
    up.add_argument("--keep", action="store_true", help="leave it running for you")
    commands.add_parser("down", help="stop what was kept and remove its state")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; give a number from 1 to 65535, or 0 for a free one")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
