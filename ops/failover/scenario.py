"""What happens in a drill, and what has to be true of it."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What can happen to regions."""

    LOSE = "lose"
    """They vanish from the network."""
    RESTORE = "restore"
    """They are back."""
    SLOW = "slow"
    """Every answer is delayed by the event's ``delay``."""
    SICKEN = "sicken"
    """The event's ``paths`` answer 503; other requests are served."""
    CURE = "cure"
    """No more delay, no more sick paths."""
    SWITCH_OUT = "switch out"
    """The operator takes them out of service."""
    SWITCH_IN = "switch in"
    """The operator puts them back into service."""


class Criterion(StrEnum):
    """What is measured between a watch's start and end, and held against a limit."""

    DETECTED = "detected"
    """Seconds until the checkers hold the watch's regions to be unhealthy."""
    WITHDRAWN = "withdrawn"
    """Seconds until the name servers do."""
    RECOVERED = "recovered"
    """Seconds until the last failed request was sent."""
    DRAINED = "drained"
    """Seconds until the last request was sent to the watch's regions."""
    RETURNED = "returned"
    """Seconds until the last client that is nearest to the watch's regions was sent elsewhere."""
    UNDISTURBED = "failed requests"
    """Failed requests."""
    NEAREST = "requests served elsewhere"
    """Requests sent elsewhere than to the client's nearest region."""
    STEADY = "changes of health"
    """How often the name servers changed their mind about the watch's regions."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happens at a time, in simulated seconds since the start."""

    at: float
    action: Action
    regions: tuple[str, ...]
    delay: float = 0.0
    paths: tuple[str, ...] = ()

    def __str__(self) -> str:
        delay = f" by {self.delay:g} s" if self.delay else ""
        return f"{self.action}{delay}: {', '.join(self.regions)}"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A span of the drill and what it has to keep.

    Times are measured from ``start`` and held against the budget; counts against ``at_most``.
    """

    criterion: Criterion
    start: float
    end: float
    regions: tuple[str, ...] = ()
    at_most: int = 0


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A drill's course. ``duration`` is in simulated seconds."""

    name: str
    title: str
    duration: float
    events: tuple[Event, ...]
    watches: tuple[Watch, ...]
