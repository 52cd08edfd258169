"""The clocks a drill can run by. They decide how long it takes to watch, never what happens in it."""

import time
from typing import Protocol


class Clock(Protocol):
    """Paces a simulation."""

    def wait_until(self, seconds: float) -> None:
        """Return when the simulation may go on to this time, in simulated seconds since its start."""


class InstantClock:
    """As fast as the machine can."""

    def wait_until(self, seconds: float) -> None:
        """Return at once."""


class PacedClock:
    """Simulated seconds pass ``speed`` times as fast as real ones; 1.0 is real time.

    A machine that cannot keep up makes the drill longer, not different.
    """

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"a clock's speed must be above 0, not {speed}")
        self._speed = speed
        self._start: float | None = None

    def wait_until(self, seconds: float) -> None:
        """Sleep for what is left until this time; the first call starts the clock."""
        if self._start is None:
            self._start = time.monotonic() - seconds / self._speed
        left = self._start + seconds / self._speed - time.monotonic()
        if left > 0:
            time.sleep(left)
