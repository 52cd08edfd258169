"""The canary: one honest question per target, and a metric for every answer, whatever it is."""

from __future__ import annotations

import importlib
import json
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from constructs.monitoring.canary import canary_metric
from platform_runtime.environment import InvalidEnvironmentError
from probe_application.probe import ask
from probe_application.settings import Settings

from tests.https_server import HttpsServer, https_server
from tests.lambda_context import Context

VARIABLES = {
    "PUBLIC_URL": "https://app.acme.example/health",
    "REGIONAL_URL": "https://us-east-1.app.acme.example/health",
    "TIMEOUT_SECONDS": "5",
    "POWERTOOLS_SERVICE_NAME": "probe_application",
    "POWERTOOLS_METRICS_NAMESPACE": "Acme/Canary",
    "LOG_LEVEL": "INFO",
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpsServer]:
    with https_server(tmp_path) as (running, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        yield running


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def invoke(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, bool]:
    """The function as Lambda starts it: imported anew, under these variables."""
    for name, value in (VARIABLES | variables).items():
        monkeypatch.setenv(name, value)
    sys.modules.pop("probe_application.handler", None)
    answer: dict[str, bool] = importlib.import_module("probe_application.handler").handler({}, Context())
    return answer


def metrics(printed: str) -> dict[tuple[str, str], Any]:
    """What was published in the embedded metric format, by target and name of the metric."""
    found = {}
    for line in printed.splitlines():
        published = json.loads(line)
        for directive in published.get("_aws", {}).get("CloudWatchMetrics", []):
            assert directive["Namespace"] == "Acme/Canary"
            # An alarm reads the series with exactly its dimensions: one more or less, and it would read nothing.
            (names,) = directive["Dimensions"]
            dimensions = {name: published[name] for name in names}
            assert dimensions == canary_metric("Acme/Canary", "Available", published["Target"]).dimensions
            for metric in directive["Metrics"]:
                (value,) = published[metric["Name"]]
                found[published["Target"], metric["Name"]] = value
    return found


def test_a_good_answer_is_available_and_timed(server: HttpsServer) -> None:
    ticks = iter((10.0, 10.25))
    answer = ask(server.url, timeout_seconds=5, clock=lambda: next(ticks))
    assert (answer.available, answer.seconds, answer.reason) == (True, 0.25, "")


@pytest.mark.parametrize("status", [201, 301, 404, 503])
def test_any_status_but_200_is_a_failure_and_no_redirect_is_followed(server: HttpsServer, status: int) -> None:
    server.status = status
    server.headers = {"Location": server.url}
    answer = ask(server.url, timeout_seconds=5)
    assert (answer.available, answer.reason) == (False, f"status {status}")


def test_a_certificate_that_nobody_vouches_for_is_a_failure(server: HttpsServer) -> None:
    answer = ask(server.url, timeout_seconds=5, context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert not answer.available
    assert "CERTIFICATE_VERIFY_FAILED" in answer.reason


def test_a_certificate_of_another_name_is_a_failure(server: HttpsServer) -> None:
    answer = ask(server.url.replace("localhost", "127.0.0.1"), timeout_seconds=5)
    assert not answer.available
    assert "SSLCertVerificationError" in answer.reason


def test_silence_ends_with_the_timeout(server: HttpsServer) -> None:
    server.silent.set()
    answer = ask(server.url, timeout_seconds=0.2)
    assert not answer.available
    assert "TimeoutError" in answer.reason
    assert 0.2 <= answer.seconds < 5


def test_nobody_listening_and_no_such_name_are_failures() -> None:
    for url in (f"https://localhost:{closed_port()}/health", "https://nobody.invalid/health"):
        answer = ask(url, timeout_seconds=5)
        assert not answer.available
        assert answer.reason


def test_every_target_is_published_whatever_became_of_the_other(
    server: HttpsServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = f"https://localhost:{closed_port()}/health"
    assert invoke(monkeypatch, PUBLIC_URL=server.url, REGIONAL_URL=broken) == {"public": True, "regional": False}
    printed = capsys.readouterr().out
    found = metrics(printed)
    assert found.keys() == {(target, name) for target in ("public", "regional") for name in ("Available", "Latency")}
    assert (found["public", "Available"], found["regional", "Available"]) == (100.0, 0.0)
    (warning,) = [entry for entry in map(json.loads, printed.splitlines()) if entry.get("level") == "WARNING"]
    assert (warning["target"], warning["url"]) == ("regional", broken)


def test_every_wrong_variable_is_named_at_once() -> None:
    wrong = VARIABLES | {"PUBLIC_URL": "http://app.acme.example/", "REGIONAL_URL": "", "TIMEOUT_SECONDS": "60"}
    with pytest.raises(InvalidEnvironmentError) as refused:
        Settings.from_environment(wrong)
    assert [problem.split(" ")[0].strip(":") for problem in refused.value.problems] == [
        "PUBLIC_URL",
        "REGIONAL_URL",
        "TIMEOUT_SECONDS",
    ]
