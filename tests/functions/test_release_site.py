"""Releases of the site: every file in its place, the edges told, and CloudFormation answered whatever happens."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from release_site import handler as entry
from release_site.invalidation import invalidate
from release_site.release import Archive, release

ARCHIVES, ASSETS, RELEASE = "archives", "static-assets", "releases/0123456789abcdef"
PAGES = {"index.html": b"<!DOCTYPE html>", "errors/not-found.html": b"gone", "style.css": b"body {}", "font.xyz": b"\0"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name, value in (("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        for bucket in (ARCHIVES, ASSETS):
            client.create_bucket(Bucket=bucket)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.mkdir("errors")
            for name, contents in PAGES.items():
                archive.writestr(name, contents)
        client.put_object(Bucket=ARCHIVES, Key="site.zip", Body=packed.getvalue())
        yield client


class Answers(HTTPServer):
    """CloudFormation's side of a request: keeps what it is told."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        answers = self

        class Listener(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                answers.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing to be said."""

        super().__init__(("127.0.0.1", 0), Listener)


@pytest.fixture
def answers() -> Iterator[Answers]:
    with Answers() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def event(answers: Answers, resource_type: str, request: str = "Create", **properties: str) -> dict[str, Any]:
    return {
        "RequestType": request,
        "ResourceType": resource_type,
        "ResponseURL": f"http://127.0.0.1:{answers.server_port}/",
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "resource",
        "ResourceProperties": {"Release": RELEASE, **properties},
    }


def handle(what: dict[str, Any]) -> None:
    context = SimpleNamespace(
        function_name="function", memory_limit_in_mb=512, invoked_function_arn="arn", aws_request_id="id"
    )
    entry.handler(what, context)  # type: ignore[arg-type]


def test_every_file_is_put_below_the_release_with_its_type(s3: Any) -> None:
    assert release(s3, Archive(ARCHIVES, "site.zip"), bucket=ASSETS, prefix=RELEASE) == len(PAGES)
    found = {item["Key"] for item in s3.list_objects_v2(Bucket=ASSETS)["Contents"]}
    assert found == {f"{RELEASE}/{name}" for name in PAGES}
    types = {name: s3.get_object(Bucket=ASSETS, Key=f"{RELEASE}/{name}")["ContentType"] for name in PAGES}
    assert types == {
        "index.html": "text/html",
        "errors/not-found.html": "text/html",
        "style.css": "text/css",
        "font.xyz": types["font.xyz"],
    }
    assert s3.get_object(Bucket=ASSETS, Key=f"{RELEASE}/style.css")["Body"].read() == b"body {}"


def test_browsers_ask_for_pages_every_time_and_keep_other_files(s3: Any) -> None:
    release(s3, Archive(ARCHIVES, "site.zip"), bucket=ASSETS, prefix=RELEASE)
    kept = {name: s3.get_object(Bucket=ASSETS, Key=f"{RELEASE}/{name}")["CacheControl"] for name in PAGES}
    assert kept["index.html"] == "no-cache"
    assert "max-age" in kept["style.css"]


def test_a_request_puts_the_release_and_answers(s3: Any, answers: Answers) -> None:
    handle(event(answers, entry.RELEASE, Bucket=ASSETS, ArchiveBucket=ARCHIVES, ArchiveKey="site.zip"))
    assert len(s3.list_objects_v2(Bucket=ASSETS)["Contents"]) == len(PAGES)
    (answer,) = answers.bodies
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", RELEASE)
    assert (answer["StackId"], answer["RequestId"], answer["LogicalResourceId"]) == ("stack", "request", "resource")


def test_a_failure_is_answered_with_its_reason(s3: Any, answers: Answers) -> None:
    handle(event(answers, entry.RELEASE, Bucket=ASSETS, ArchiveBucket=ARCHIVES, ArchiveKey="missing.zip"))
    assert "Contents" not in s3.list_objects_v2(Bucket=ASSETS)
    (answer,) = answers.bodies
    assert answer["Status"] == "FAILED"
    assert "404" in answer["Reason"]


def test_a_resource_of_an_unknown_type_is_refused(answers: Answers) -> None:
    handle(event(answers, "Custom::SomethingElse"))
    (answer,) = answers.bodies
    assert answer["Status"] == "FAILED"
    assert "Custom::SomethingElse is neither" in answer["Reason"]


@pytest.mark.parametrize("resource_type", [entry.RELEASE, entry.INVALIDATION])
def test_a_deletion_takes_nothing_away(s3: Any, answers: Answers, resource_type: str) -> None:
    handle(event(answers, entry.RELEASE, Bucket=ASSETS, ArchiveBucket=ARCHIVES, ArchiveKey="site.zip"))
    handle(event(answers, resource_type, "Delete", Bucket=ASSETS, DistributionId="E1"))
    assert len(s3.list_objects_v2(Bucket=ASSETS)["Contents"]) == len(PAGES)
    assert [answer["Status"] for answer in answers.bodies] == ["SUCCESS", "SUCCESS"]


class CloudFront:
    """Refuses as often as it is told, then keeps what it is asked."""

    def __init__(self, *refusals: str) -> None:
        self.refusals = list(refusals)
        self.asked: list[dict[str, Any]] = []

    def create_invalidation(self, **request: Any) -> dict[str, Any]:
        if self.refusals:
            raise ClientError({"Error": {"Code": self.refusals.pop(0), "Message": "no"}}, "CreateInvalidation")
        self.asked.append(request)
        return {"Invalidation": {"Id": "I1"}}


def test_everything_is_invalidated_once_for_a_release() -> None:
    cloudfront = CloudFront()
    assert invalidate(cloudfront, "E1", reference=RELEASE, sleep=lambda _: None) == "I1"  # type: ignore[arg-type]
    (asked,) = cloudfront.asked
    assert asked["DistributionId"] == "E1"
    assert asked["InvalidationBatch"]["Paths"] == {"Quantity": 1, "Items": ["/*"]}
    assert asked["InvalidationBatch"]["CallerReference"] == RELEASE


def test_a_permission_that_is_not_known_everywhere_yet_is_waited_for() -> None:
    slept: list[float] = []
    cloudfront = CloudFront("AccessDenied", "AccessDenied")
    assert invalidate(cloudfront, "E1", reference=RELEASE, sleep=slept.append) == "I1"  # type: ignore[arg-type]
    assert len(slept) == 2


@pytest.mark.parametrize(("refusals", "pauses"), [(["NoSuchDistribution"], 0), (["AccessDenied"] * 20, 11)])
def test_any_other_refusal_and_one_that_lasts_is_an_error(refusals: list[str], pauses: int) -> None:
    slept: list[float] = []
    with pytest.raises(ClientError):
        invalidate(CloudFront(*refusals), "E1", reference=RELEASE, sleep=slept.append)  # type: ignore[arg-type]
    assert len(slept) == pauses
