"""The failover budget: how long a path takes at worst to recover from the loss of a region.

Each path to the platform is a sum of detection, propagation and client cache, every term with the document it rests
on. What AWS does not document is an allowance with its reason. Times are in seconds.

**Detection** is worst when a region fails right after a checker got its last good answer. The checker sends the
next request an interval *after that answer* ("Request interval"), waits for it as long as an HTTPS check may take,
and needs ``failure_threshold`` of these in a row: ``threshold x (interval + 6)``. The six seconds per request (four
to connect, two to answer) are what arithmetic of the form ``interval x threshold`` leaves out; a region that is
silent instead of refusing connections costs at least four of them.

**Which record design keeps the default target of 90 seconds**, with the default propagation allowance of 20:

=========================  =========  ===========  ============  ===================
records                    threshold  detection    client cache  worst case
=========================  =========  ===========  ============  ===================
alias to a load balancer   3          48           60            128
alias to a load balancer   2          32           60            112
alias to a load balancer   1          16           60            96
CNAME, TTL 20              3          48           20            88
**CNAME, TTL 10**          **3**      **48**       **10**        **78**
CNAME, TTL 10              2          32           10            62
=========================  =========  ===========  ============  ===================

The TTL of an alias to a load balancer is 60 seconds and cannot be changed. So **no threshold keeps 90 seconds with
latency alias records that lead straight to load balancers**: even a threshold of 1, which takes a region out of
service for a single lost request per checker, needs 96 (it would take an allowance of 14 or less). The designs that
do keep it:

- *Latency records that are no aliases to load balancers* (the default here): CNAMEs with a TTL of 10 to 20 seconds
  to a name of each region, which is the alias to the load balancer. Its 60 seconds do not matter, since a region's
  name always leads to the same load balancer. The price: a CNAME cannot stand at the zone's apex; resolvers look up
  two names and Route 53 bills both (aliases to load balancers are free); resolvers ask three to six times as often;
  some resolvers raise short TTLs to a minimum of their own (``client_hold``). Non-alias records have no target
  health of their own to evaluate; a latency *alias* of type CNAME to such a CNAME of the same zone has, keeps its
  TTL, and can carry a second health check, of which both must pass (this is what the global stack builds).
- *CloudFront in front*: viewers keep one name and never notice, while the edge resolves the latency name (the path
  ``api``). It needs the same short TTL behind it, so it adds to the design above instead of replacing it; requests
  that are in flight pay the origin timeouts.
- *Global Accelerator* would take DNS out of the question, for a fixed hourly price; it is outside this budget.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from configuration.failover import documents
from configuration.failover.documents import Document

CONNECT_SECONDS = 4.0
"""An HTTP or HTTPS endpoint has to accept a health checker's connection within this time."""
RESPONSE_SECONDS = 2.0
"""After connecting it has to answer a health checker with 2xx or 3xx within this time."""
LOAD_BALANCER_TTL = 60
"""The TTL in seconds of an alias to a load balancer, which cannot be changed ("Values specific for weighted
records": "60 seconds (the TTL for load balancers)"; "Choosing between alias and non-alias records")."""

S3_RESPONSE_ATTEMPTS = 3
"""CloudFront asks S3 three times before it gives up waiting for the answer to a GET or HEAD ("Request and response
behavior for Amazon S3 origins"); the configured attempts apply to connections only."""


class Step(StrEnum):
    """What a recovery consists of."""

    DETECTION = "detection"
    PROPAGATION = "propagation"
    CLIENT_CACHE = "client cache"


class RecordDesign(StrEnum):
    """How the latency records lead to a region."""

    CNAME = "cname"
    """By a CNAME to a name of the region; the TTL is that of the CNAME."""
    ALIAS = "alias"
    """By an alias to the AWS resource itself; the TTL is that of the resource."""


class OriginKind(StrEnum):
    """What CloudFront asks; it decides how often a missing answer is asked for again."""

    S3 = "s3"
    CUSTOM = "custom"


@dataclass(frozen=True)
class Row:
    """One term of a path's budget. ``source`` is the document it rests on; None marks an allowance."""

    step: Step
    seconds: float
    reason: str
    source: Document | None


@dataclass(frozen=True)
class PathBudget:
    """The worst case of one path."""

    path: str
    rows: tuple[Row, ...]

    @property
    def total(self) -> float:
        """The seconds from the loss of a region until no request fails for it any more."""
        return sum(row.seconds for row in self.rows)

    def seconds(self, step: Step) -> float:
        """The share of one step."""
        return sum(row.seconds for row in self.rows if row.step is step)


@dataclass(frozen=True)
class FailoverBudget:
    """The budgets of every path of an environment."""

    paths: tuple[PathBudget, ...]

    def path(self, name: str) -> PathBudget:
        """The budget of one path: ``app``, ``api`` or ``assets``."""
        return next(path for path in self.paths if path.path == name)

    def table(self) -> str:
        """The budget as a text table, with the reasons below it."""
        head = f"{'path':<8}" + "".join(f"{step:>14}" for step in Step) + f"{'worst case':>14}"
        lines = [head, "-" * len(head)]
        for path in self.paths:
            shares = "".join(f"{path.seconds(step):>12g} s" for step in Step)
            lines.append(f"{path.path:<8}{shares}{path.total:>12g} s")
        lines.append("")
        for path in self.paths:
            for row in path.rows:
                basis = f"[{row.source.title}]" if row.source else "(allowance)"
                lines.append(f"{path.path}, {row.step}: {row.seconds:g} s: {row.reason} {basis}")
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class OriginTimeouts:
    """How long CloudFront waits for an origin ("Control origin timeouts and attempts").

    ``connection_timeout`` is 1 to 10 seconds, ``connection_attempts`` 1 to 3, ``response_timeout`` 1 to 120 seconds.
    """

    kind: OriginKind
    connection_timeout: int = 10
    connection_attempts: int = 3
    response_timeout: int = 30

    @property
    def worst_case(self) -> int:
        """The longest time until CloudFront gives the origin up: silent to connections, or connected and silent."""
        silent = self.connection_timeout * self.connection_attempts
        attempts = S3_RESPONSE_ATTEMPTS if self.kind is OriginKind.S3 else self.connection_attempts
        return max(silent, attempts * (self.connection_timeout + self.response_timeout))


@dataclass(frozen=True, kw_only=True)
class FailoverSettings:
    """The values of an environment that decide its failover budget. Times are in seconds.

    Args:
        request_interval: between the requests of a health checker, 10 or 30.
        failure_threshold: consecutive failed requests that make a checker give an endpoint up, 1 to 10.
        record_design: how the latency records lead to a region.
        record_ttl: of the latency records where the design lets them have one.
        propagation_allowance: between the checkers' conclusion and the answer of the last name server. AWS documents
            no number; the default is twice the fast request interval, and a drill on AWS should replace it.
        client_hold: how much longer than the TTL clients or their resolvers hold an address.
        assets_origin: CloudFront's timeouts towards the assets' buckets.
        api_origin: CloudFront's timeouts towards the load balancers.
    """

    request_interval: int = 10
    failure_threshold: int = 3
    record_design: RecordDesign = RecordDesign.CNAME
    record_ttl: int = 10
    propagation_allowance: int = 20
    client_hold: int = 0
    assets_origin: OriginTimeouts = OriginTimeouts(
        kind=OriginKind.S3, connection_timeout=2, connection_attempts=2, response_timeout=5
    )
    api_origin: OriginTimeouts = OriginTimeouts(
        kind=OriginKind.CUSTOM, connection_timeout=2, connection_attempts=1, response_timeout=10
    )


def failover_budget(settings: FailoverSettings) -> FailoverBudget:
    """The worst case of each path with these settings: ``app``, ``api`` and ``assets``.

    ``app`` is asked by its latency name. ``api`` are the dynamic paths that CloudFront fetches from that name, writes
    included. ``assets`` are served by CloudFront from an origin group.
    """
    return FailoverBudget(
        (
            PathBudget("app", tuple(_by_dns(settings))),
            PathBudget("api", tuple(_by_api(settings))),
            PathBudget("assets", tuple(_by_origin_group(settings.assets_origin))),
        )
    )


def _health_rows(settings: FailoverSettings) -> Iterator[Row]:
    probe = CONNECT_SECONDS + RESPONSE_SECONDS
    yield Row(
        Step.DETECTION,
        settings.failure_threshold * (settings.request_interval + probe),
        f"{settings.failure_threshold} failed requests in a row, each sent {settings.request_interval} s after the "
        f"last and waited for {probe:g} s",
        documents.HEALTH_OF_CHECKS,
    )
    yield Row(
        Step.PROPAGATION,
        settings.propagation_allowance,
        "checkers send their findings to every Route 53 location all the time, but how long the conclusion takes "
        "to reach every name server is not documented",
        None,
    )


def _cache_row(settings: FailoverSettings) -> Row:
    if settings.record_design is RecordDesign.ALIAS:
        reason = "the TTL of an alias to a load balancer, which cannot be changed"
        return Row(Step.CLIENT_CACHE, LOAD_BALANCER_TTL, reason, documents.WEIGHTED_VALUES)
    return Row(Step.CLIENT_CACHE, settings.record_ttl, "the TTL of the latency records", documents.COMMON_VALUES)


def _by_dns(settings: FailoverSettings) -> Iterator[Row]:
    yield from _health_rows(settings)
    yield _cache_row(settings)
    if settings.client_hold:
        reason = "clients and resolvers that hold an address longer than its TTL"
        yield Row(Step.CLIENT_CACHE, settings.client_hold, reason, None)


def _by_origin_group(origin: OriginTimeouts) -> Iterator[Row]:
    yield Row(
        Step.DETECTION,
        origin.worst_case,
        f"every read asks the first origin anew and waits for it: {origin.connection_attempts} connections of "
        f"{origin.connection_timeout} s, or {S3_RESPONSE_ATTEMPTS} answers of {origin.response_timeout} s each",
        documents.S3_ORIGINS,
    )
    yield Row(
        Step.PROPAGATION,
        0,
        "each edge decides by itself, request by request; reads only",
        documents.ORIGIN_FAILOVER,
    )
    yield Row(Step.CLIENT_CACHE, 0, "the viewer's name leads to CloudFront throughout", documents.ORIGIN_FAILOVER)


def _by_api(settings: FailoverSettings) -> Iterator[Row]:
    yield from _health_rows(settings)
    cache = _cache_row(settings)
    reason = (
        f"{cache.reason}, which the edge is taken to honour: how long it keeps an origin's address is not documented"
    )
    yield replace(cache, reason=reason, source=None)
    yield Row(
        Step.CLIENT_CACHE,
        settings.api_origin.worst_case,
        "the last request that was sent to the lost region waits for it",
        documents.ORIGIN_FAILOVER,
    )
