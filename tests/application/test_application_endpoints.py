"""What the application answers, and what it writes to its log."""

import platform
from collections.abc import Mapping

import pytest

from application import __version__
from application.routes import prefers_html
from tests.application.conftest import Start
from tests.application.harness import REGION, RunningApplication, http_stub, until


def test_the_shallow_check_is_well(application: RunningApplication) -> None:
    reply = application.request("/health")

    assert reply.status == 200
    assert reply.json() == {"status": "healthy"}


def test_the_root_says_which_region_and_version_served_it(application: RunningApplication) -> None:
    reply = application.request("/")

    assert reply.headers["content-type"] == "application/json"
    assert reply.json() == {
        "region": REGION,
        "zone": "unknown",
        "platform": "other",
        "host": platform.node(),
        "version": __version__,
    }


def test_a_browser_gets_a_page(application: RunningApplication) -> None:
    reply = application.request("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert f"Served by {REGION}" in reply.body.decode()
    assert reply.headers["vary"] == "Accept"


def test_values_are_escaped_in_the_page(start: Start) -> None:
    page = start(APPLICATION_VERSION="<script>&").request("/", headers={"Accept": "text/html"}).body.decode()

    assert "<script>" not in page
    assert "&lt;script&gt;&amp;" in page


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("text/html;q=0.4, application/json;q=0.5", False),
        ("application/json;q=0.4, text/html", True),
        ("text/html, application/json", False),
        ("text/html;q=0", False),
        ("text/html;q=high", False),
        (";;,q=,", False),
    ],
)
def test_html_is_sent_only_to_who_prefers_it(accept: str, *, expected: bool) -> None:
    assert prefers_html(accept) is expected


@pytest.mark.parametrize("path", ["/", "/health", "/nothing"])
def test_every_response_carries_the_security_headers_and_names_no_server(
    application: RunningApplication, path: str
) -> None:
    headers = application.request(path).headers

    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers
    assert "python" not in str(headers).lower()


def test_an_unknown_path_is_not_found(application: RunningApplication) -> None:
    assert application.request("/nothing").status == 404
    assert application.request("/health/").status == 404


@pytest.mark.parametrize(
    ("path", "allowed"), [("/", "GET, HEAD"), ("/health", "GET, HEAD"), ("/items/a", "GET, HEAD, PUT")]
)
def test_a_method_that_a_path_does_not_know_is_refused(
    application: RunningApplication, path: str, allowed: str
) -> None:
    reply = application.request(path, method="DELETE")

    assert reply.status == 405
    assert reply.headers["allow"] == allowed


def test_head_is_answered_like_get_without_the_body(application: RunningApplication) -> None:
    got, headed = application.request("/"), application.request("/", method="HEAD")

    assert headed.status == 200
    assert headed.body == b""
    assert headed.headers["content-length"] == str(len(got.body))


def test_a_query_and_an_absolute_target_reach_their_path(application: RunningApplication) -> None:
    assert application.request("/health?from=checker").status == 200
    assert application.exchange(
        b"GET https://example.test/health HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n"
    )[0].json() == {"status": "healthy"}


def test_items_without_a_table_are_not_implemented(application: RunningApplication) -> None:
    assert application.request("/items/a").status == 501


def test_the_log_says_what_runs(application: RunningApplication) -> None:
    entry = application.wait_for("listening")

    assert entry["version"] == __version__
    assert entry["region"] == REGION
    assert entry["python"] == platform.python_version()
    assert entry["deep_health_checks"] == []


def test_a_request_is_logged_without_its_secrets(start: Start) -> None:
    application = start()
    application.request(
        "/nothing?token=opensesame",
        headers={
            "Authorization": "Bearer opensesame",
            "Cookie": "session=opensesame",
            "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
            "X-Amzn-Trace-Id": "Root=1-67891233-abcdef012345678912345678",
            "User-Agent": "test",
        },
    )

    entry = application.wait_for("request")
    assert entry["method"] == "GET"
    assert entry["path"] == "/nothing"
    assert entry["status"] == 404
    assert entry["client"] == "198.51.100.7"
    assert entry["trace"] == "Root=1-67891233-abcdef012345678912345678"
    assert entry["peer"] == "127.0.0.1"
    assert entry["milliseconds"] >= 0
    assert "opensesame" not in str(application.log)


def test_a_client_cannot_forge_a_line_of_the_log(start: Start) -> None:
    application = start()
    application.request("/%0A%7B%22event%22%3A%22forged%22%7D", headers={"User-Agent": '"}{"event": "forged"'})

    application.wait_for("request")
    assert application.events("forged") == []


@pytest.mark.parametrize(("switch", "logged"), [("false", ["/"]), ("true", ["/health", "/"])])
def test_checks_that_succeed_are_logged_only_on_request(start: Start, switch: str, logged: list[str]) -> None:
    application = start(LOG_HEALTH_CHECKS=switch)
    application.request("/health")
    application.request("/")
    application.terminate()
    application.exit_code()

    assert [entry["path"] for entry in application.events("request")] == logged


def test_a_task_names_itself_and_its_zone_but_not_its_account(start: Start) -> None:
    task = {"TaskARN": "arn:aws:ecs:eu-west-1:111111111111:task/cluster/0123abcd", "AvailabilityZone": "eu-west-1b"}
    with http_stub(lambda *_: (200, task)) as metadata:
        reply = start(ECS_CONTAINER_METADATA_URI_V4=f"{metadata.url}/v4/abc").request("/")

    assert metadata.requests[0][1] == "/v4/abc/task"
    assert (reply.json()["platform"], reply.json()["zone"], reply.json()["host"]) == ("ecs", "eu-west-1b", "0123abcd")
    assert b"111111111111" not in reply.body


def test_an_instance_names_itself_with_a_session_token(start: Start) -> None:
    def answer(method: str, path: str, headers: Mapping[str, str], _: bytes) -> tuple[int, object]:
        if method == "PUT":
            return 200, "a-token"
        authorized = headers.get("X-aws-ec2-metadata-token") == "a-token"
        document = {"instanceId": "i-0123", "availabilityZone": "eu-west-1c", "accountId": "111111111111"}
        return (200, document) if authorized and path == "/latest/dynamic/instance-identity/document" else (401, "")

    with http_stub(answer) as metadata:
        application = start(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=metadata.url)

    reply = application.request("/")
    assert (reply.json()["platform"], reply.json()["zone"], reply.json()["host"]) == ("ec2", "eu-west-1c", "i-0123")


@pytest.mark.parametrize("answer", [(500, ""), (200, "no JSON"), (200, "[]")])
def test_metadata_that_fails_does_not_keep_the_application_from_serving(
    start: Start, answer: tuple[int, object]
) -> None:
    with http_stub(lambda *_: answer) as metadata:
        application = start(ECS_CONTAINER_METADATA_URI_V4=metadata.url)

    assert application.request("/").json()["zone"] == "unknown"
    until(lambda: bool(application.events("no_metadata")))
