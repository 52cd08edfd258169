"""What is going on, since when: a spinner on a terminal, plain lines anywhere else."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.progress import Progress as Spinner
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text


class Step:
    """One step under way."""

    def __init__(self, console: Console, show: Any) -> None:
        """``show`` displays what is being done at the moment, where there is a terminal."""
        self._console = console
        self._show = show
        self.started = time.monotonic()
        self.result = ""

    @property
    def seconds(self) -> float:
        """How long the step has taken so far."""
        return time.monotonic() - self.started

    def now(self, text: str) -> None:
        """Show what is being done at the moment."""
        self._show(text)

    def note(self, text: str) -> None:
        """Write down a part that is finished."""
        self._console.print(Text(f"             {self.seconds:6.1f} s  {text}", style="dim"))


class Progress:
    """The steps of a command, each with the time it took."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the command has taken so far."""
        return time.monotonic() - self._started

    def say(self, text: str = "", style: str = "") -> None:
        """A line on its own, exactly as it is written."""
        self.console.print(Text(text, style=style))

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Run a step; whoever runs it may set ``result``, which ends its line."""
        with self._spinner() as spinner:
            task = spinner.add_task(title, total=None) if spinner else None

            def show(text: str) -> None:
                if spinner and task is not None:
                    spinner.update(task, description=f"{title}: {text}")

            step = Step(self.console, show)
            if not spinner:
                self.say(f"{self.seconds:7.1f} s  {title} ...")
            outcome, style = "failed", "bold red"
            try:
                yield step
                outcome, style = step.result, ""
            except KeyboardInterrupt:
                outcome = "interrupted"
                raise
            finally:
                line = f"{self.seconds:7.1f} s  {step.seconds:6.1f} s  {title}"
                self.say(f"{line}: {outcome}" if outcome else line, style)

    @contextlib.contextmanager
    def _spinner(self) -> Iterator[Spinner | None]:
        if not self.console.is_terminal:
            yield None
            return
        columns = (SpinnerColumn("line"), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
        with Spinner(*columns, console=self.console, transient=True) as spinner:
            yield spinner
