"""From nothing to a platform that was deployed and used, and back to nothing."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from configuration import Environment
from local_aws.process import LocalAws
from ops.local import emulator, hints, inventory
from ops.local.check import Context
from ops.local.checks import checks_for
from ops.local.deployment import Deployment
from ops.local.errors import LocalError
from ops.local.exercise import Outcome, exercise
from ops.local.processes import uninterrupted
from ops.local.progress import Progress
from ops.local.state import Running, State
from ops.local.target import Target

_COMPLAINT = re.compile(r" (WARNING|ERROR|CRITICAL) \[")
_COMPLAINTS = 4


class RefusedError(LocalError):
    """What is asked for contradicts what runs already."""


class ChecksFailedError(LocalError):
    """The platform was deployed and did not do what it should."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `up` is asked for.

    ``chosen`` selects the environment on the command line, by its name or its file's absolute path;
    ``port`` None means the default, or that of what runs already.
    """

    environment: Environment
    chosen: str
    port: int | None = None
    enforce_iam: bool = False
    keep: bool = False


def up(options: Options, state: State, progress: Progress) -> None:
    """Deploy the platform into the local AWS, use it, show what there is, and clean up unless told to keep it.

    What runs already is updated and stays. A failure keeps it too where it was to be kept, so that it can be
    looked into; an interruption stops whatever this call started.

    Raises:
        LocalError: a step failed; the text says why.
    """
    with state.exclusive():
        kept = _kept(options, state, progress)
        state.prepare()
        with _local_aws(options, kept, state, progress) as running:
            target = Target(endpoint=running.endpoint, account=running.account)
            deployment = Deployment(environment=options.environment, chosen=options.chosen, target=target, state=state)
            _deploy(deployment, progress)
            _use(deployment, state, progress)
            progress.console.print(inventory.table(deployment))
            for line in inventory.endpoints(deployment):
                progress.say(line)
            progress.say(f"Deployed and used in {progress.seconds:.0f} s.", style="bold green")


def down(state: State, progress: Progress) -> None:
    """Stop what `up` left running and remove its state; that nothing runs is no mistake.

    Raises:
        LocalError: `up` is at work.
    """
    with state.exclusive():
        running = state.running()
        with uninterrupted():
            if running:
                with progress.step(f"Stop the local AWS (process {running.pid}, {running.endpoint})"):
                    emulator.stop(running)
            else:
                progress.say("No local AWS runs.")
            state.clear()


def _kept(options: Options, state: State, progress: Progress) -> Running | None:
    """What an earlier run left to be updated, after whatever a killed run left over is gone."""
    running = state.running()
    if running is None or not running.kept:
        with uninterrupted():
            if running:
                with progress.step(f"Stop what a killed run left over (process {running.pid})"):
                    emulator.stop(running)
            state.clear()
        state.forget_logs()
        return None
    conflicts = [
        f"  {what}: it runs with {has}, and {wants} is asked for"
        for what, has, wants in (
            ("environment", running.environment, options.chosen),
            ("port", running.port, options.port or running.port),
            ("IAM enforcement", _on(running.enforce_iam), _on(options.enforce_iam)),
        )
        if has != wants
    ]
    if conflicts:
        raise RefusedError(
            "\n".join(["A local AWS runs already:", *conflicts, "`make local-down` stops it; then run this again."])
        )
    progress.say(
        f"A local AWS runs already at {running.endpoint}: it is updated and stays (`make local-down` stops it)."
    )
    return running


def _on(switch: bool) -> str:  # noqa: FBT001 - there is nothing else it could mean
    return "on" if switch else "off"


@contextlib.contextmanager
def _local_aws(options: Options, kept: Running | None, state: State, progress: Progress) -> Iterator[Running]:
    """The local AWS to deploy to, stopped and forgotten at the end unless it is to stay."""
    if kept:
        yield kept
        hints.show(kept, options.environment, state, progress)
        return
    with contextlib.ExitStack() as cleanup:
        cleanup.callback(state.clear)
        with progress.step("Start the local AWS") as step:
            server, running = emulator.start(
                state,
                environment=options.chosen,
                account=options.environment.account,
                port=options.port,
                enforce_iam=options.enforce_iam,
                outlives_us=options.keep,
            )
            step.result = f"{running.endpoint}, account {running.account}, IAM enforcement {_on(running.enforce_iam)}"
        cleanup.callback(_stop, server, progress)
        try:
            yield running
        except LocalError:
            if options.keep:
                _keep(running, options, state, progress, cleanup)
            raise
        if options.keep:
            _keep(running, options, state, progress, cleanup)


def _keep(running: Running, options: Options, state: State, progress: Progress, cleanup: contextlib.ExitStack) -> None:
    cleanup.pop_all()
    state.record(replace(running, kept=True))
    hints.show(running, options.environment, state, progress)


def _stop(server: LocalAws, progress: Progress) -> None:
    with uninterrupted(), progress.step("Clean up"):
        server.stop()


def _deploy(deployment: Deployment, progress: Progress) -> None:
    for title, run in (
        (f"Synthesise {deployment.environment.names.prefix}", deployment.synthesise),
        ("Bootstrap", deployment.bootstrap),
        ("Deploy", deployment.deploy),
    ):
        with progress.step(title) as step:
            run(step)


def _use(deployment: Deployment, state: State, progress: Progress) -> None:
    with progress.step("Use it") as step:

        def report(outcome: Outcome) -> None:
            step.note(f"{'' if outcome.passed else 'FAILED '}{outcome.name}: {outcome.evidence}")

        context = Context(environment=deployment.environment, target=deployment.target)
        outcomes = exercise(context, checks_for(deployment.environment), report)
        failed = [outcome for outcome in outcomes if not outcome.passed]
        if failed:
            lines = [f"{len(failed)} of {len(outcomes)} checks failed:"]
            lines += [f"  {outcome.name}: {outcome.evidence}" for outcome in failed]
            lines += ["The last complaints of the local AWS:", *(f"  {line}" for line in _complaints(state))]
            raise ChecksFailedError("\n".join([*lines, f"Log: {state.log('aws')}"]))
        step.result = f"{len(outcomes)} checks passed"


def _complaints(state: State) -> list[str]:
    """The last warnings and errors in the local AWS's log; a function that fails is among them."""
    lines = state.log("aws").read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if _COMPLAINT.search(line)][-_COMPLAINTS:] or ["none"]
