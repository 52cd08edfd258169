"""The unmodified CDK CLI against the local AWS: synthesise, bootstrap, deploy, compare, destroy."""

import re
from collections import deque
from collections.abc import Callable, Iterable

from configuration import Environment
from configuration.partition import GLOBAL_SERVICES_REGION
from ops.local.errors import LocalError
from ops.local.failures import FailedResource, failed_resources, unfinished_resources
from ops.local.processes import ProcessFailedError, run
from ops.local.progress import Step
from ops.local.stacks import StackRef, stacks_of
from ops.local.state import PROJECT, State
from ops.local.target import Target

CLI = PROJECT / "node_modules" / ".bin" / "cdk"
_CONCURRENCY = "4"  # more gains little on two cores: a deployment waits for dependencies, not for workers
_QUICK_SECONDS = 300.0
_DEPLOY_SECONDS = 1200.0
_LAST_LINES = 12

_STARTED = re.compile(r"\((?P<stack>[^() ]+)\): (?:deploying|destroying)\.\.\.")
_FINISHED = re.compile(r"✅ .+ \((?P<stack>[^() ]+)\)(?:: destroyed)?(?P<unchanged> \(no changes\))?$")


class StepFailedError(LocalError):
    """The CDK CLI failed; the text says why, and where its output is."""


class Deployment:
    """One environment, deployed from an assembly that is synthesised once."""

    def __init__(self, *, environment: Environment, chosen: str, target: Target, state: State) -> None:
        """``chosen`` is what selects the environment on the command line: its name or its file's path."""
        self.environment = environment
        self.target = target
        self._chosen = chosen
        self._state = state

    @property
    def stacks(self) -> list[StackRef]:
        """The stacks of the assembly, by region and name."""
        return stacks_of(self._state.assembly)

    @property
    def regions(self) -> list[str]:
        """Every region that gets a stack."""
        return list(dict.fromkeys([*(region.name for region in self.environment.regions), GLOBAL_SERVICES_REGION]))

    def synthesise(self, step: Step) -> None:
        """Make the assembly anew."""
        output = str(self._state.assembly)
        self._cdk("synth", ["--quiet", "-c", f"environment={self._chosen}", "--output", output], _QUICK_SECONDS)
        step.result = f"{len(self.stacks)} stacks in {len(self.regions)} regions"

    def bootstrap(self, step: Step) -> None:
        """Bootstrap every region with the CLI's own template."""
        accounts = [f"aws://{self.target.account}/{region}" for region in self.regions]
        self._cdk("bootstrap", [*self._from_assembly, *accounts], _QUICK_SECONDS)
        step.result = ", ".join(self.regions)

    def deploy(self, step: Step) -> None:
        """Deploy every stack, those inside stages too, in the order of their dependencies."""
        follower = _Follower(step, total=len(self.stacks))
        arguments = ["**", "--require-approval", "never", "--concurrency", _CONCURRENCY]
        self._cdk("deploy", [*self._from_assembly, *arguments], _DEPLOY_SECONDS, on_line=follower)
        step.result = f"{len(follower.changed)} stacks changed, {len(follower.unchanged)} without changes"

    def diff(self, step: Step) -> None:
        """Compare every template with what is deployed; a difference is a failure."""
        self._cdk("diff", [*self._from_assembly, "**", "--fail"], _QUICK_SECONDS)
        step.result = "no differences"

    def destroy(self, step: Step) -> None:
        """Destroy every stack."""
        follower = _Follower(step, total=len(self.stacks))
        arguments = ["**", "--force", "--concurrency", _CONCURRENCY]
        self._cdk("destroy", [*self._from_assembly, *arguments], _DEPLOY_SECONDS, on_line=follower)
        step.result = f"{len(follower.changed)} stacks destroyed"

    @property
    def _from_assembly(self) -> list[str]:
        return ["--app", str(self._state.assembly)]

    def _cdk(
        self,
        command: str,
        arguments: list[str],
        timeout_seconds: float,
        on_line: Callable[[str], None] = lambda _line: None,
    ) -> None:
        last: deque[str] = deque(maxlen=_LAST_LINES)

        def note(line: str) -> None:
            if line.strip():
                last.append(line)
            on_line(line)

        try:
            run(
                [str(CLI), command, "--no-notices", "--no-color", *arguments],
                env=self._state.child_environment(self.target.environment(self.environment.home.name)),
                cwd=PROJECT,
                log=self._state.log(command),
                timeout_seconds=timeout_seconds,
                on_line=note,
            )
        except ProcessFailedError as failure:
            raise StepFailedError(self._explained(command, failure, last)) from None

    def _explained(self, command: str, failure: ProcessFailedError, last: Iterable[str]) -> str:
        causes: list[FailedResource] = []
        if command in ("deploy", "destroy"):
            causes = [*failed_resources(self.target, self.stacks)]
            causes = causes or [*unfinished_resources(self.target, self.stacks)]
        parts = [str(failure)]
        if causes:
            parts += ["What CloudFormation says:", *(f"  {cause}".replace("\n", "\n  ") for cause in causes)]
        else:
            parts += ["The end of its output:", *(f"  {line}" for line in last)]
        return "\n".join([*parts, f"Logs: {self._state.log(command)}, {self._state.log('aws')}"])


class _Follower:
    """Reads the CLI's output for the stacks that begin and end."""

    def __init__(self, step: Step, *, total: int) -> None:
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self._busy: list[str] = []
        self._step = step
        self._total = total

    def __call__(self, line: str) -> None:
        """Take notice of one line."""
        if begun := _STARTED.search(line):
            self._busy.append(begun["stack"])
        elif ended := _FINISHED.search(line):
            stack = ended["stack"]
            if stack in self._busy:
                self._busy.remove(stack)
            (self.unchanged if ended["unchanged"] else self.changed).append(stack)
            if not ended["unchanged"]:
                self._step.note(stack)
        else:
            return
        done = len(self.changed) + len(self.unchanged)
        self._step.now(f"{done} of {self._total} stacks; {', '.join(self._busy)}")
