"""A simulated client: resolves the name through its cache, and finds the region it leads to."""

from collections.abc import Mapping

from ops.failover.records import RecordType
from ops.failover.resolver import Answer, Resolver, View
from ops.failover.topology import LONGEST_CHAIN, Client


class CachingClient:
    """Keeps every answer for its TTL and what the client adds to it, each link of a chain for itself.

    ``age`` is how much of their time the first answers have spent in the cache already, from 0 to 1: clients that
    did not all start at the same moment do not all ask again at the same moment.
    """

    def __init__(self, client: Client, resolver: Resolver, targets: Mapping[str, str], *, age: float = 0.0) -> None:
        self.client = client
        self._resolver = resolver
        self._targets = targets
        self._age = age
        self._cache: dict[str, tuple[Answer, float]] = {}

    def locate(
        self, name: str, *, now: float, statuses: Mapping[str, bool], resources: Mapping[str, bool]
    ) -> str | None:
        """The region to which ``name`` leads at the time ``now``; None where it leads nowhere.

        ``statuses`` and ``resources`` are what the name servers hold to be healthy at this time.
        """
        view = View(latencies=self.client.latencies, statuses=statuses, resources=resources)
        for _ in range(LONGEST_CHAIN):
            answer = self._ask(name, now, view)
            if answer is not None and answer.type is RecordType.CNAME:
                name = answer.values[0]
                continue
            return self._targets.get(name if answer is None else answer.values[0])
        return None

    def _ask(self, name: str, now: float, view: View) -> Answer | None:
        if name in self._cache and now < self._cache[name][1]:
            return self._cache[name][0]
        answer = self._resolver.answer(name, RecordType.A, view)
        if answer is not None:
            left = 1.0 if name in self._cache else 1.0 - self._age
            self._cache[name] = (answer, now + left * (answer.ttl + self.client.hold))
        return answer
