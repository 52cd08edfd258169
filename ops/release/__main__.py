"""What a release asks of the platform, each question a command; `python -m ops.release --help` lists them."""

import argparse
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import boto3
from botocore.config import Config

from ops.release import arguments, comparison, smoke_test, stacks
from ops.release.alarm_gate import alarm_gate
from ops.release.arguments import Arguments, WrongArgumentsError
from ops.release.clock import Clock, SystemClock
from ops.release.refusal import ReleaseRefusedError

_USAGE = 2
# A call that hangs is tried again within the gate's own patience.
_CLIENT = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
_MOST_MINUTES = 240
_MOST_SECONDS = 3600


def main(words: list[str] | None = None, *, clock: Clock | None = None) -> int:
    """Run one command; 0: the release may go on, 1: it may not, 2: the command was called wrongly."""
    parsed = _parser().parse_args(words)
    command: Callable[[Arguments, Clock], None] = parsed.run
    try:
        command(Arguments(parsed), clock or SystemClock())
    except WrongArgumentsError as wrong:
        print(f"{parsed.command}:\n{wrong}", file=sys.stderr)
        return _USAGE
    except ReleaseRefusedError as refused:
        print(f"{parsed.command}: the release stops here.\n{refused}", file=sys.stderr)
        return 1
    return 0


def _ready(given: Arguments, _clock: Clock) -> None:
    region, prefix = given.value("region", arguments.region), given.value("prefix", arguments.prefix)
    given.done()
    if region and prefix:
        stacks.assert_ready(boto3.client("cloudformation", region, config=_CLIENT), prefix=prefix, say=_say)


def _protect(given: Arguments, _clock: Clock) -> None:
    regions, prefix = given.value("regions", arguments.several_regions), given.value("prefix", arguments.prefix)
    given.done()
    for region in regions or ():
        _say(f"{region}:")
        stacks.protect(boto3.client("cloudformation", region, config=_CLIENT), prefix=prefix or "", say=_say)


def _alarm_gate(given: Arguments, clock: Clock) -> None:
    region, prefix = given.value("region", arguments.region), given.value("prefix", arguments.prefix)
    since, minutes = given.value("since", arguments.moment), given.value("minutes", arguments.number(0, _MOST_MINUTES))
    given.done()
    if region and prefix and since and minutes is not None:
        alarm_gate(
            boto3.client("cloudwatch", region, config=_CLIENT),
            prefix=prefix,
            since=since,
            bake=timedelta(minutes=minutes),
            clock=clock,
            say=_say,
        )


def _smoke_test(given: Arguments, clock: Clock) -> None:
    url = given.value("url", arguments.https_url)
    kind = given.value("probe", arguments.choice("https", "health-check", "dns"))
    seconds = given.value("timeout", arguments.number(1, _MOST_SECONDS))
    in_a_row = given.value("in-a-row", arguments.number(1, 100))
    given.done()
    if url and kind and seconds and in_a_row:
        if kind == "https":
            probe = smoke_test.https_probe(url)
        elif kind == "dns":
            probe = smoke_test.dns_probe(url)
        else:
            route53 = boto3.client("route53", config=_CLIENT)
            probe = smoke_test.health_check_probe(url, route53=route53, since=clock.now())
        smoke_test.smoke_test(probe, in_a_row=in_a_row, timeout=timedelta(seconds=seconds), clock=clock, say=_say)


def _compare(given: Arguments, _clock: Clock) -> None:
    before, after = given.value("before", comparison.assembly), given.value("after", comparison.assembly)
    output, title = given.value("output", Path), given.value("title", str)
    given.done()
    if before and after and output and title:
        output.write_text(comparison.compared(before, after, title=title), encoding="utf-8")
        _say(f"written to {output}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    ready = commands.add_parser("ready", help="whether the stacks of a region can be updated")
    ready.set_defaults(run=_ready)
    protect = commands.add_parser("protect", help="protect stacks from deletion")
    protect.set_defaults(run=_protect)
    protect.add_argument("--regions", help="regions, with commas between them")

    gate = commands.add_parser("alarm-gate", help="whether a region's alarms keep quiet")
    gate.set_defaults(run=_alarm_gate)
    gate.add_argument("--since", help="an alarm that began to ring earlier is not held against the release")
    gate.add_argument("--minutes", help=f"how long to watch, 0 to {_MOST_MINUTES}")

    for command in (ready, gate):
        command.add_argument("--region", help="the region")
    for command in (ready, protect, gate):
        command.add_argument("--prefix", help="how the names of stacks and alarms begin, such as Acme-prod-")

    smoke = commands.add_parser("smoke-test", help="whether a public name serves")
    smoke.set_defaults(run=_smoke_test)
    smoke.add_argument("--url", help="the address, such as https://app.example.com/health")
    smoke.add_argument(
        "--probe",
        default="https",
        help="https asks the name itself, health-check Route 53's checkers, dns the DNS alone",
    )
    smoke.add_argument("--timeout", default="300", help=f"seconds until the name has to serve, 1 to {_MOST_SECONDS}")
    smoke.add_argument("--in-a-row", default="3", help="good answers that are wanted in succession, 1 to 100")

    compare = commands.add_parser("compare", help="what changes between two synthesised assemblies, as Markdown")
    compare.set_defaults(run=_compare)
    compare.add_argument("--before", help="the folder of the earlier assembly")
    compare.add_argument("--after", help="the folder of the later assembly")
    compare.add_argument("--output", help="the file to write")
    compare.add_argument("--title", help="the heading, such as the environment's name")
    return parser


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
