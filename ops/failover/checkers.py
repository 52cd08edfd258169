"""Route 53's health checkers: when one of them counts an endpoint as healthy, and what all of them conclude.

The numbers are those of "How Amazon Route 53 determines whether a health check is healthy".
"""

from collections.abc import Collection
from dataclasses import dataclass

from configuration.failover.budget import CONNECT_SECONDS, RESPONSE_SECONDS
from ops.failover.health_checks import EndpointCheck, Protocol

BODY_SECONDS = 2.0
"""Where a string is searched for, the body has to follow the status within this time."""
TCP_CONNECT_SECONDS = 10.0
"""A TCP endpoint has to accept the connection within this time."""
SEARCHED_BYTES = 5120
"""The searched string has to lie within the first bytes of the body."""
QUORUM_PERCENT = 18
"""An endpoint is healthy when more than this share of the checkers finds it healthy."""


@dataclass(frozen=True)
class Reply:
    """What came back from a request.

    ``status`` is None where the connection never came about. ``seconds`` is the time between connection and answer.
    """

    status: int | None
    seconds: float = 0.0
    body: bytes = b""


def longest_probe(protocol: Protocol) -> float:
    """How many seconds a checker waits at most before it counts a request as failed."""
    if protocol is Protocol.TCP:
        return TCP_CONNECT_SECONDS
    searched = protocol in {Protocol.HTTP_STR_MATCH, Protocol.HTTPS_STR_MATCH}
    return CONNECT_SECONDS + RESPONSE_SECONDS + (BODY_SECONDS if searched else 0.0)


def passes(check: EndpointCheck, reply: Reply) -> bool:
    """Whether a checker counts this reply as a success."""
    if reply.status is None:
        return False
    if check.protocol is Protocol.TCP:
        return True
    if reply.seconds > RESPONSE_SECONDS or not 200 <= reply.status < 400:
        return False
    return check.search_string is None or check.search_string.encode() in reply.body[:SEARCHED_BYTES]


def duration(check: EndpointCheck, reply: Reply) -> float:
    """How many seconds pass between a checker's request and its verdict.

    A connection that never comes about costs the whole time allowed for it: a lost region is silent. A refusal
    would be known sooner, so this errs towards the slower detection.
    """
    if reply.status is None:
        return TCP_CONNECT_SECONDS if check.protocol is Protocol.TCP else CONNECT_SECONDS
    if check.protocol is Protocol.TCP:
        return 0.0
    return min(reply.seconds, RESPONSE_SECONDS)


class HealthChecker:
    """One checker's opinion of an endpoint: it changes after ``threshold`` consecutive contrary requests."""

    def __init__(self, *, threshold: int, healthy: bool = True) -> None:
        self.healthy = healthy
        self._threshold = threshold
        self._contrary = 0

    def observe(self, *, passed: bool) -> None:
        """Take the outcome of one request into account."""
        self._contrary = 0 if passed is self.healthy else self._contrary + 1
        if self._contrary >= self._threshold:
            self.healthy = passed
            self._contrary = 0


def quorum(opinions: Collection[bool]) -> bool:
    """What Route 53 concludes from its checkers' opinions, of which there is at least one."""
    return 100 * sum(opinions) > QUORUM_PERCENT * len(opinions)
