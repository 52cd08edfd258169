"""A check: one thing that is shown of the deployed platform by using it.

An area adds its own in ``ops/local/checks/<area>.py`` (see ``ops/local/checks/__init__.py``).
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from configuration import Environment
from ops.local.errors import LocalError
from ops.local.target import Target

T = TypeVar("T")
_PATIENCE_SECONDS = 60.0
_INTERVAL_SECONDS = 0.2


class CheckFailedError(LocalError):
    """The platform did not do what it should; the text says what was seen instead."""


class Check(Protocol):
    """Something the platform must do. Checks run at the same time: none may disturb another."""

    @property
    def name(self) -> str:
        """What is shown, in a few words that begin with the region (or `platform` for what has none)."""

    def run(self, context: "Context") -> str:
        """Use the platform through its public interfaces; the evidence is returned in a few words.

        Raises:
            CheckFailedError: it did not do what it should.
        """


class Context(contextlib.ExitStack):
    """What checks share: the environment as deployed, clients, patience, and what has to be cleaned up."""

    def __init__(
        self, *, environment: Environment, target: Target, patience_seconds: float = _PATIENCE_SECONDS
    ) -> None:
        super().__init__()
        self.environment = environment
        self.target = target
        self.patience_seconds = patience_seconds
        self._shared: dict[object, Any] = {}
        self._guard = threading.RLock()
        self._given_up = threading.Event()

    def client(self, service: str, region: str) -> Any:
        """A client of one service in one region."""
        return self.target.client(service, region)

    def shared(self, key: object, make: Callable[[], contextlib.AbstractContextManager[T]]) -> T:
        """What several checks need once: entered by the first of them, left when all checks have ended."""
        with self._guard:
            if key not in self._shared:
                self._shared[key] = self.enter_context(make())
            found: T = self._shared[key]
            return found

    def until(self, what: str, probe: Callable[[], T | None]) -> T:
        """Ask again until there is an answer other than None.

        Raises:
            CheckFailedError: there was none within the context's patience; ``what`` says what was waited for.
        """
        deadline = time.monotonic() + self.patience_seconds
        while True:
            answer = probe()
            if answer is not None:
                return answer
            if time.monotonic() > deadline:
                raise CheckFailedError(f"waited {self.patience_seconds:.0f} s in vain for {what}")
            if self._given_up.wait(_INTERVAL_SECONDS):
                raise CheckFailedError(f"interrupted while waiting for {what}")

    def give_up(self) -> None:
        """Let every check that waits end now."""
        self._given_up.set()
