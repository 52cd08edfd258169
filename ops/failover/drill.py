"""The failover drill: ``python -m ops.failover drill --environment prod``.

Runs scenarios on a platform of several regions, holds what it measures against the failover budget, and writes a
table and a picture of each. ``run_drill`` is the same as a function.
"""

import argparse
import shlex
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from configuration import ConfigurationError, load_environment
from ops.failover.backends import Backends, memory_backends
from ops.failover.clock import Clock, InstantClock, PacedClock
from ops.failover.example import example_topology
from ops.failover.measurements import measure
from ops.failover.platform import platform_topology, synthesised_zone
from ops.failover.processes import DEFAULT_APPLICATION, Launch, StartError, process_backends
from ops.failover.report import DrillReport, by_second
from ops.failover.scenario import Scenario
from ops.failover.scenario_file import ScenarioError, load_scenario
from ops.failover.scenarios import built_in_scenarios
from ops.failover.simulation import Progress, simulate
from ops.failover.timeline import draw
from ops.failover.topology import CHECKERS, Topology

PROCESS_CHECKERS = 8
"""With real processes every request costs real time; eight checkers still have to disagree to keep a region."""


def run_drill(
    topology: Topology,
    scenario: Scenario,
    clock: Clock,
    backends: Backends,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> DrillReport:
    """Run one scenario and measure it.

    The backends have to be healthy; afterwards they are as the scenario left them.

    Args:
        topology: what to run it on, with the budget to keep.
        scenario: what happens, and what has to be true of it.
        clock: how fast to run; the report is the same with any.
        backends: a backend for every region, and a switch for every region that has one.
        seed: another seed lets checkers and clients ask at other moments.
        progress: is told every simulated second that has passed.
    """
    course = simulate(topology, scenario, clock, backends, seed=seed, progress=progress)
    return DrillReport(
        scenario=scenario,
        regions=topology.regions,
        budget=topology.budget,
        seconds=by_second(topology, course, scenario.duration),
        changes=course.changes,
        measurements=tuple(measure(topology, course, watch) for watch in scenario.watches),
    )


def run_scenarios(
    topology: Topology,
    scenarios: list[Scenario],
    *,
    clock: Callable[[], Clock],
    backends: Callable[[], Backends],
    output: Path,
    seed: int = 0,
) -> list[DrillReport]:
    """Run scenarios one after the other, each on backends and by a clock of its own; print and write the reports.

    Tables and pictures go to ``output`` as ``<scenario>.txt`` and ``<scenario>.svg``.

    Raises:
        StartError: the backends did not come to serve.
    """
    output.mkdir(parents=True, exist_ok=True)
    reports = []
    for scenario in scenarios:
        with backends() as regions, closing(_Shown(scenario)) as shown:
            report = run_drill(topology, scenario, clock(), regions, seed=seed, progress=shown.passed)
        (output / f"{scenario.name}.txt").write_text(report.text() + "\n")
        (output / f"{scenario.name}.svg").write_text(draw(report))
        print(f"{'passed' if report.passed else 'FAILED'}  {scenario.title}")
        for measurement in report.measurements:
            print(f"    {'ok' if measurement.passed else 'NO'}  {measurement}")
        reports.append(report)
    print(f"Tables and pictures: {output}")
    return reports


class _Shown:
    """Shows a scenario's progress on the terminal, where there is one."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._shown = sys.stderr.isatty()

    def passed(self, seconds: float) -> None:
        """Show how many simulated seconds have passed."""
        if self._shown:
            sys.stderr.write(f"\r{self._scenario.name}: {seconds:.0f} of {self._scenario.duration:.0f} s\x1b[K")

    def close(self) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")


def main(arguments: list[str] | None = None) -> int:
    """Run the drill on an environment, or on the built-in example.

    The exit code is 0 when every scenario kept what it has to.
    """
    options = _parser().parse_args(arguments)
    launch = _launch(options)
    try:
        topology = _topology(options.environment, checkers=CHECKERS if launch is None else PROCESS_CHECKERS)
        scenarios = _chosen(options.scenario, topology)
        reports = run_scenarios(
            topology,
            scenarios,
            clock=InstantClock if options.speed is None else lambda: PacedClock(options.speed),
            backends=lambda: (
                memory_backends(topology.regions) if launch is None else process_backends(topology.regions, launch)
            ),
            output=options.output,
            seed=options.seed,
        )
    except (ConfigurationError, ScenarioError, StartError) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    return 0 if all(report.passed for report in reports) else 1


def _topology(name: str | None, *, checkers: int) -> Topology:
    if name is None:
        return example_topology(checkers=checkers)
    environment = load_environment(name)
    print(f"Reading records and health checks from the templates of {environment.names.prefix} ...", file=sys.stderr)
    return platform_topology(environment, synthesised_zone(environment), checkers=checkers)


def _launch(options: argparse.Namespace) -> Launch | None:
    if options.application is None:
        return None
    if not options.application:
        return DEFAULT_APPLICATION
    return Launch(
        command=tuple(shlex.split(options.application)),
        environment=dict(pair.split("=", 1) for pair in options.set),
        ready_path=options.ready_path,
        trust=options.trust,
    )


def _chosen(name: str, topology: Topology) -> list[Scenario]:
    built_in = built_in_scenarios(topology)
    if name == "all":
        return list(built_in.values())
    if name in built_in:
        return [built_in[name]]
    if not Path(name).suffix:
        raise ScenarioError(f"--scenario: {name!r}: is none of all, {', '.join(built_in)}, nor the path of a YAML file")
    return [load_scenario(Path(name), regions=topology.regions, switches=frozenset(topology.switches.values()))]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.failover drill", description="Drill the loss of regions")
    parser.add_argument(
        "--environment", help="a name in environments/ or the path of a file; a built-in example without"
    )
    parser.add_argument("--scenario", default="all", help="all, a built-in scenario, or the path of a YAML file")
    parser.add_argument("--seed", type=int, default=0, help="lets checkers and clients ask at other moments")
    parser.add_argument(
        "--speed", type=_speed, help="simulated seconds per real second, 1 for real time; as fast as possible without"
    )
    parser.add_argument(
        "--application",
        metavar="COMMAND",
        nargs="?",
        const="",
        help="run each region as a real process: this project's application, or the command of another HTTPS server "
        "with {port} and {region} in it; without this option regions answer from memory",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="an environment variable of that command",
    )
    parser.add_argument("--ready-path", default="/health", help="what that command answers once it serves")
    parser.add_argument("--trust", type=Path, help="the certificates to accept from that command; any without")
    parser.add_argument("--output", type=Path, default=Path("build/drill"), help="where tables and pictures go")
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if speed <= 0:
        raise argparse.ArgumentTypeError(f"{text}: must be above 0")
    return speed


def _pair(text: str) -> str:
    if "=" not in text:
        raise argparse.ArgumentTypeError(f"{text}: must be NAME=VALUE")
    return text
