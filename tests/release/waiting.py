"""Time that passes only when somebody waits for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


class FakeClock:
    """Counts what was slept; ``events`` happen when their time has come."""

    def __init__(self) -> None:
        self.time = START
        self._events: list[tuple[datetime, Callable[[], None]]] = []

    @property
    def passed(self) -> timedelta:
        """How long ago the clock began."""
        return self.time - START

    def at(self, minutes: float, event: Callable[[], None]) -> None:
        """Let something happen after so many minutes."""
        self._events.append((START + timedelta(minutes=minutes), event))

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a loop that does not wait is a busy one"
        self.time += timedelta(seconds=seconds)
        for due, event in list(self._events):
            if due <= self.time:
                self._events.remove((due, event))
                event()
