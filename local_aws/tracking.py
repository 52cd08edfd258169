"""A diagnostic: which properties of a template does MiniStack's own provisioning never look at?

What it never reads it can't do. It is how the repairs of this package were found, and how the next ones will be: start
the server with ``--track-properties``, deploy, and ask for ``/_local_aws/unread-properties``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, ItemsView, ValuesView
from typing import Any

from ministack.services.cloudformation import provisioners

from local_aws.resource_type import PROVIDED

_read: defaultdict[str, set[str]] = defaultdict(set)
_given: defaultdict[str, Counter[str]] = defaultdict(Counter)


class _Tracked(dict[str, Any]):
    """Properties that note which of them are read; what is read from a copy of them counts as unread."""

    def __init__(self, properties: dict[str, Any], kind: str) -> None:
        super().__init__(properties)
        self._kind = kind

    def get(self, key: str, default: Any = None) -> Any:
        _read[self._kind].add(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        _read[self._kind].add(key)
        return super().pop(key, *default)

    def copy(self) -> _Tracked:
        return _Tracked(self, self._kind)

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        self._read_all()
        return dict(self).items()

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        self._read_all()
        return dict(self).values()

    def __getitem__(self, key: str) -> Any:
        _read[self._kind].add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        _read[self._kind].add(str(key))
        return super().__contains__(key)

    def _read_all(self) -> None:
        _read[self._kind].update(dict.keys(self))


def install() -> None:
    """Track the creation of every type that is MiniStack's own."""
    for kind, handlers in provisioners._RESOURCE_HANDLERS.items():
        if kind not in PROVIDED and "create" in handlers and not kind.startswith("AWS::CloudFormation"):
            handlers["create"] = _tracking(kind, handlers["create"])


def unread() -> dict[str, dict[str, int]]:
    """By type, the properties that nothing read, and in how many resources they stood."""
    found = {
        kind: {name: count for name, count in sorted(given.items()) if name not in _read[kind]}
        for kind, given in sorted(_given.items())
    }
    return {kind: names for kind, names in found.items() if names}


def _tracking(kind: str, create: Callable[..., Any]) -> Callable[..., Any]:
    def tracked(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        _given[kind].update(properties.keys())
        return create(logical_id, _Tracked(properties, kind), stack)

    return tracked
