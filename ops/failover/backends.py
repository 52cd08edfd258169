"""The regions of a drill, behind one protocol: in memory here, as real processes in ``ops.failover.processes``."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from ops.failover.checkers import Reply


class Backend(Protocol):
    """A region: what clients and health checkers reach, and what a drill can do to it."""

    def get(self, path: str) -> Reply:
        """Send a GET for ``path``."""

    def lose(self) -> None:
        """Let the region vanish from the network."""

    def restore(self) -> None:
        """Bring it back; it serves when this returns."""

    def slow(self, seconds: float) -> None:
        """Delay every answer by this much, in simulated seconds."""

    def sicken(self, paths: Iterable[str]) -> None:
        """Let these paths, and no others, answer 503."""

    def close(self) -> None:
        """Give up whatever the backend holds."""


class Switch(Protocol):
    """The object outside a region whose existence takes the region out of service."""

    def get(self, path: str) -> Reply:
        """Send a GET for the object."""

    def place(self) -> None:
        """Create the object."""

    def remove(self) -> None:
        """Delete the object."""


class Condition:
    """What a drill imposes on the answers of a region that is reachable.

    Delays are counted, not slept, so that a drill has the same result at any speed.
    """

    def __init__(self) -> None:
        self._delay = 0.0
        self._sick: frozenset[str] = frozenset()

    def slow(self, seconds: float) -> None:
        """Delay every answer by this much, in simulated seconds."""
        self._delay = seconds

    def sicken(self, paths: Iterable[str]) -> None:
        """Let these paths, and no others, answer 503."""
        self._sick = frozenset(paths)

    def applied(self, path: str, reply: Reply) -> Reply:
        """The reply as it arrives under this condition."""
        if reply.status is None:
            return reply
        status = 503 if path in self._sick else reply.status
        return Reply(status, reply.seconds + self._delay, reply.body)


class MemoryBackend(Condition):
    """A region that answers 200 to everything."""

    def __init__(self) -> None:
        super().__init__()
        self._lost = False

    def get(self, path: str) -> Reply:
        """Answer a GET."""
        return self.applied(path, Reply(None if self._lost else 200))

    def lose(self) -> None:
        """Answer nothing from now on."""
        self._lost = True

    def restore(self) -> None:
        """Answer again."""
        self._lost = False

    def close(self) -> None:
        """Nothing is held."""


class MemorySwitch:
    """An object in a bucket: 200 while it exists, 403 while it does not, as S3 answers whoever may not list."""

    def __init__(self) -> None:
        self._exists = False

    def get(self, path: str) -> Reply:  # noqa: ARG002 - the switch is one object
        """Answer a GET for the object."""
        return Reply(200 if self._exists else 403)

    def place(self) -> None:
        """Create the object."""
        self._exists = True

    def remove(self) -> None:
        """Delete the object."""
        self._exists = False


@dataclass(frozen=True)
class Backends:
    """Every region's backend, and the operator's switch of every region that has one. Closes them when left."""

    regions: Mapping[str, Backend]
    switches: Mapping[str, Switch]

    def __enter__(self) -> Self:
        """The backends run already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every backend, also when closing one fails."""
        with ExitStack() as stack:
            for backend in self.regions.values():
                stack.callback(backend.close)


def memory_backends(regions: Iterable[str]) -> Backends:
    """Healthy regions in memory, each with an operator's switch that is not thrown."""
    names = tuple(regions)
    return Backends({name: MemoryBackend() for name in names}, {name: MemorySwitch() for name in names})
