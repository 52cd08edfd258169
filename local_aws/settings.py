"""What the server can be told, and the command line that tells it."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 4566
NODE_MODULES_VARIABLE = "LOCAL_AWS_NODE_MODULES"
_PORTS = range(65536)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How one server runs.

    Attributes:
        port: where it listens, on loopback only; 0 for one that the system chooses.
        enforce_iam: whether policies are evaluated and signatures verified; otherwise everything is allowed.
        state_dir: where everything is kept for the next start; None forgets it at the end.
        log_file: where it logs in full; None logs warnings to the standard error stream.
        account: 12 digits, the account of requests whose access key names none; None leaves it to MiniStack.
        node_modules: where functions written for Node find packages they don't bring, such as the AWS SDK.
        custom_resource_seconds: how long a custom resource that states no timeout of its own may take to answer.
        idle_function_seconds: after how much idleness a function's process is ended.
        stop_with_stdin: whether the server ends when its standard input closes, as it does when its owner dies.
        track_properties: whether properties of a template that nothing ever read are reported.
    """

    port: int = DEFAULT_PORT
    enforce_iam: bool = False
    state_dir: Path | None = None
    log_file: Path | None = None
    account: str | None = None
    node_modules: Path | None = None
    custom_resource_seconds: int = 300
    idle_function_seconds: float = 45.0
    stop_with_stdin: bool = False
    track_properties: bool = False

    def arguments(self) -> list[str]:
        """The command line that says the same, from whatever folder it is run."""
        words = ["--port", str(self.port)]
        for option, path in (
            ("--state-dir", self.state_dir),
            ("--log-file", self.log_file),
            ("--node-modules", self.node_modules),
        ):
            words += [option, str(path.resolve())] if path else []
        words += ["--account", self.account] if self.account else []
        words += ["--custom-resource-seconds", str(self.custom_resource_seconds)]
        words += ["--idle-function-seconds", str(self.idle_function_seconds)]
        for option, wanted in (
            ("--enforce-iam", self.enforce_iam),
            ("--stop-with-stdin", self.stop_with_stdin),
            ("--track-properties", self.track_properties),
        ):
            words += [option] if wanted else []
        return words


def parse(arguments: Sequence[str] | None = None) -> Settings:
    """The settings of a command line; a wrong one ends the program with exit code 2 and the reason."""
    parser = argparse.ArgumentParser(
        prog="python -m local_aws",
        description="AWS on this computer, on loopback only. It runs until it is stopped with Ctrl-C or SIGTERM.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help="0 for a free one (default: %(default)s)")
    parser.add_argument("--enforce-iam", action="store_true", help="evaluate IAM policies instead of allowing all")
    parser.add_argument("--state-dir", type=Path, metavar="DIR", help="keep everything there for the next start")
    parser.add_argument("--log-file", type=Path, metavar="FILE", help="log in full, there (default: warnings, here)")
    parser.add_argument(
        "--account", type=_account, metavar="ID", help="12 digits, for requests whose access key names no account"
    )
    parser.add_argument(
        "--node-modules",
        type=Path,
        metavar="DIR",
        default=os.environ.get(NODE_MODULES_VARIABLE) or None,
        help=f"packages for functions written for Node (default: ${NODE_MODULES_VARIABLE})",
    )
    parser.add_argument(
        "--custom-resource-seconds",
        type=_positive_whole,
        metavar="N",
        default=Settings.custom_resource_seconds,
        help="for a custom resource without a ServiceTimeout (default: %(default)s)",
    )
    parser.add_argument(
        "--idle-function-seconds",
        type=_positive,
        metavar="N",
        default=Settings.idle_function_seconds,
        help="end a function's process after so long without an event (default: %(default)s)",
    )
    parser.add_argument("--stop-with-stdin", action="store_true", help="end when the standard input closes")
    parser.add_argument(
        "--track-properties",
        action="store_true",
        help="report template properties that nothing read at /_local_aws/unread-properties",
    )
    given = Settings(**vars(parser.parse_args(arguments)))
    problems = [
        f"--node-modules: {given.node_modules} is no folder"
        if given.node_modules and not given.node_modules.is_dir()
        else "",
        f"--state-dir: {given.state_dir} is no folder" if given.state_dir and given.state_dir.is_file() else "",
        f"--log-file: {given.log_file} is a folder" if given.log_file and given.log_file.is_dir() else "",
    ]
    if any(problems):
        parser.error("; ".join(filter(None, problems)))
    return given


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) not in _PORTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: give a number from 0 to {_PORTS[-1]}")
    return int(text)


def _account(text: str) -> str:
    if not re.fullmatch(r"\d{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no account: give 12 digits")
    return text


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return number


def _positive_whole(text: str) -> int:
    number = _positive(text)
    if number != int(number):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of seconds")
    return int(number)
