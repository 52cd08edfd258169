"""The smoke test: against a server on loopback with a real certificate, and against what Route 53 would say."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.release import smoke_test as module
from ops.release.refusal import ReleaseRefusedError
from ops.release.smoke_test import Probe, ProbeFailedError, dns_probe, health_check_probe, https_probe, smoke_test
from tests.https_server import HttpsServer, https_server
from tests.release.waiting import START, FakeClock

NAME = "us-east-1.app.test.acme.example"
URL = f"https://{NAME}/health"


def ask(probe: Probe, *, in_a_row: int = 3, seconds: int = 60) -> tuple[FakeClock, list[str]]:
    clock, said = FakeClock(), list[str]()
    smoke_test(probe, in_a_row=in_a_row, timeout=timedelta(seconds=seconds), clock=clock, say=said.append)
    return clock, said


def answers(*sequence: str | None) -> Probe:
    """A probe that fails wherever None stands, and repeats its last answer."""
    left = list(sequence)

    def probe() -> str:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if answer is None:
            raise ProbeFailedError("answered 503")
        return answer

    return probe


def test_a_name_that_serves_passes_after_as_many_answers_as_wanted() -> None:
    _, said = ask(answers("well"), in_a_row=3)
    assert said == ["1 of 3: well", "2 of 3: well", "3 of 3: well"]


def test_a_failure_in_between_begins_the_row_anew() -> None:
    _, said = ask(answers("well", "well", None, "well"), in_a_row=3)
    assert [line.split(" ")[0] for line in said] == ["1", "2", "0", "1", "2", "3"]


def test_a_name_that_never_serves_stops_the_release_in_time_and_says_why() -> None:
    clock = FakeClock()
    with pytest.raises(ReleaseRefusedError, match=r"within 60 s; the last: answered 503"):
        smoke_test(answers(None), in_a_row=3, timeout=timedelta(seconds=60), clock=clock, say=lambda _: None)
    assert clock.passed <= timedelta(seconds=60 + module.INTERVAL_SECONDS)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsServer]:
    """A server whose certificate this process trusts."""
    with https_server(tmp_path) as (running, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        yield running


def test_a_server_with_a_valid_certificate_passes(server: HttpsServer) -> None:
    _, said = ask(https_probe(server.url))
    assert said[-1] == f"3 of 3: {server.url} answered 200"


@pytest.mark.parametrize("status", [302, 404, 503])
def test_any_other_status_fails(server: HttpsServer, status: int) -> None:
    server.status = status
    server.headers = {"Location": server.url} if status == 302 else {}
    with pytest.raises(ProbeFailedError, match=f"answered {status}"):
        https_probe(server.url)()


def test_a_certificate_that_nobody_vouches_for_fails(server: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ProbeFailedError, match="certificate"):
        https_probe(server.url)()


def test_a_certificate_of_another_name_fails(server: HttpsServer) -> None:
    with pytest.raises(ProbeFailedError, match=r"certificate|IP address"):
        https_probe(server.url.replace("localhost", "127.0.0.1"))()


def test_a_server_that_does_not_answer_is_given_up(server: HttpsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.3)
    server.silent.set()
    with pytest.raises(ProbeFailedError, match="did not answer"):
        https_probe(server.url)()


def test_a_port_where_nobody_listens_fails(server: HttpsServer) -> None:
    server.http.shutdown()
    server.http.server_close()
    with pytest.raises(ProbeFailedError, match="did not answer"):
        https_probe(server.url)()


def test_the_dns_is_asked_where_the_name_leads() -> None:
    assert dns_probe("https://localhost/health")().startswith("localhost leads to ")
    with pytest.raises(ProbeFailedError, match="leads nowhere"):
        dns_probe("https://nobody.invalid/health")()


class Route53:
    """Answers like Route 53."""

    def __init__(self, *observations: tuple[str, datetime], name: str = NAME) -> None:
        self.observations = observations
        self.name = name

    def get_paginator(self, operation: str) -> "Route53":
        assert operation == "list_health_checks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        other = {"Id": "other", "HealthCheckConfig": {"Type": "CALCULATED"}}
        ours = {"Id": "ours", "HealthCheckConfig": {"FullyQualifiedDomainName": self.name}}
        return [{"HealthChecks": [other]}, {"HealthChecks": [ours]}]

    def get_health_check_status(self, *, HealthCheckId: str) -> dict[str, Any]:  # noqa: N803 - the API's
        assert HealthCheckId == "ours"
        reports = [{"StatusReport": {"Status": status, "CheckedTime": at}} for status, at in self.observations]
        return {"HealthCheckObservations": reports}


WELL, ILL = "Success: HTTP Status Code 200, OK", "Failure: HTTP Status Code 503"
LATER, EARLIER = START + timedelta(seconds=20), START - timedelta(seconds=20)


def test_checkers_that_have_looked_since_and_found_it_well_pass() -> None:
    probe = health_check_probe(URL, route53=Route53((WELL, LATER), (WELL, LATER), (ILL, EARLIER)), since=START)
    assert probe() == f"2 checkers found {NAME} well"


@pytest.mark.parametrize(
    ("route53", "reason"),
    [
        (Route53((WELL, LATER), (ILL, LATER)), r"1 of 2 checkers .* Failure: HTTP Status Code 503"),
        (Route53((WELL, EARLIER)), "no checker has looked"),
        (Route53(), "no checker has looked"),
        (Route53((WELL, LATER), name="elsewhere.example"), "no health check looks at"),
    ],
)
def test_checkers_that_saw_a_failure_or_nothing_yet_fail(route53: Route53, reason: str) -> None:
    with pytest.raises(ProbeFailedError, match=reason):
        health_check_probe(URL, route53=route53, since=START)()
