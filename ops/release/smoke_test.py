"""Asks a public name whether it serves, until it has said so several times in a row."""

import http.client
import socket
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.release.clock import Clock
from ops.release.refusal import ReleaseRefusedError

INTERVAL_SECONDS = 5.0
ANSWER_SECONDS = 10.0
_OK = 200

Probe = Callable[[], str]
"""Asks once; returns what was seen. Raises ProbeFailedError when it was not what it should be."""


class ProbeFailedError(Exception):
    """The name does not serve, and why."""


def smoke_test(probe: Probe, *, in_a_row: int, timeout: timedelta, clock: Clock, say: Callable[[str], None]) -> None:
    """Ask until ``in_a_row`` answers in succession were good.

    Raises:
        ReleaseRefusedError: they were not within ``timeout``; the text holds the last answer.
    """
    ends = clock.now() + timeout
    good, last = 0, "nothing was asked"
    while good < in_a_row:
        if clock.now() >= ends:
            raise ReleaseRefusedError(
                f"Not {in_a_row} good answers in a row within {timeout.total_seconds():.0f} s; the last: {last}"
            )
        if good or last != "nothing was asked":
            clock.sleep(INTERVAL_SECONDS)
        try:
            last = probe()
            good += 1
        except ProbeFailedError as failure:
            last = str(failure)
            good = 0
        say(f"{good} of {in_a_row}: {last}")


def https_probe(url: str) -> Probe:
    """Asks the name itself, as a client would: the certificate must be valid and the status 200."""
    # No proxy, no redirect followed elsewhere: the name is to answer by itself.
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context()),
        _NoRedirect(),
    )

    def ask() -> str:
        try:
            with opener.open(url, timeout=ANSWER_SECONDS) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except (OSError, http.client.HTTPException) as error:
            raise ProbeFailedError(f"{url} did not answer: {error}") from error
        if status != _OK:
            raise ProbeFailedError(f"{url} answered {status}")
        return f"{url} answered {status}"

    return ask


def dns_probe(url: str) -> Probe:
    """Asks the DNS whether the name leads anywhere."""
    name = _host(url)

    def ask() -> str:
        try:
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, 443, proto=socket.IPPROTO_TCP)}
        except OSError as error:
            raise ProbeFailedError(f"{name} leads nowhere: {error}") from error
        return f"{name} leads to {', '.join(sorted(found))}"

    return ask


def health_check_probe(url: str, *, route53: Any, since: datetime) -> Probe:
    """Asks Route 53's checkers, whom the load balancers admit when they admit few others, what they saw since then."""
    name = _host(url)

    def ask() -> str:
        try:
            observations = [
                observation["StatusReport"]
                for check in _health_checks(route53, name)
                for observation in route53.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
            ]
        except (BotoCoreError, ClientError) as error:
            raise ProbeFailedError(f"Route 53 did not answer: {error}") from error
        fresh = [report["Status"] for report in observations if report["CheckedTime"] >= since]
        if not fresh:
            raise ProbeFailedError(f"no checker has looked at {name} since {since:%H:%M:%S} UTC")
        bad = [status for status in fresh if not status.startswith("Success")]
        if bad:
            raise ProbeFailedError(f"{len(bad)} of {len(fresh)} checkers of {name} failed; one says: {bad[0]}")
        return f"{len(fresh)} checkers found {name} well"

    return ask


def _health_checks(route53: Any, name: str) -> list[str]:
    pages = route53.get_paginator("list_health_checks").paginate()
    found = [
        check["Id"]
        for page in pages
        for check in page["HealthChecks"]
        if check["HealthCheckConfig"].get("FullyQualifiedDomainName") == name
    ]
    if not found:
        raise ProbeFailedError(f"no health check looks at {name}")
    return found


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).hostname or ""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_keywords: Any) -> None:
        """A redirect is the answer."""
