"""The API as API Gateway calls it: objects in, status and results out, whatever clients send."""

from __future__ import annotations

import base64
import importlib
import json
import sys
import urllib.parse
import uuid
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from api.settings import Settings
from botocore.exceptions import ClientError
from constructs.serverless.api_document import document
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from platform_runtime import clients
from platform_runtime.environment import InvalidEnvironmentError

from tests.functions.inputs import JSON_VALUES
from tests.functions.pipeline import CLIENTS, PROCESSED, RAW, REGION, TABLE, Pipeline, answers_changed, calls_hooked
from tests.lambda_context import Context

ELSEWHERE = "raw-data-elsewhere"
REQUESTS = "requests"
ORDERS = b"id,amount\n1,2.50\n"
ENVIRONMENT = {
    "AWS_REGION": REGION,
    "RAW_BUCKETS": f"{RAW},{ELSEWHERE}",
    "PROCESSED_BUCKET": PROCESSED,
    "CATALOGUE_TABLE": TABLE,
    "REQUESTS_TABLE": REQUESTS,
    "POWERTOOLS_SERVICE_NAME": "api",
    "POWERTOOLS_METRICS_NAMESPACE": "Acme/Pipeline",
    "LOG_LEVEL": "INFO",
}
Answer = tuple[int, dict[str, Any]]
Call = Callable[..., Answer]


def event(
    method: str,
    path: str,
    query: dict[str, str] | None = None,
    body: str | None = None,
    headers: dict[str, str] | None = None,
    caller: str = "arn:aws:iam::000000000000:user/ida",
) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html"""
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers or {},
        "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
        # API Gateway says null, not nothing, where there are none.
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "id",
            "stage": "v1",
            "requestId": str(uuid.uuid4()),
            "resourcePath": path,
            "httpMethod": method,
            "identity": {"sourceIp": "203.0.113.7", "userArn": caller},
        },
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture
def call(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Call:
    CLIENTS["dynamodb"].create_table(
        TableName=REQUESTS,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for name, value in (ENVIRONMENT | {"POWERTOOLS_SERVICE_NAME": f"api_{uuid.uuid4().hex}"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(clients, "presigning_s3_client", lambda: CLIENTS["s3"])
    monkeypatch.setattr(clients, "dynamodb_client", lambda: CLIENTS["dynamodb"])
    sys.modules.pop("api.handler", None)

    def send(method: str, path: str, query: dict[str, str] | None = None, **others: Any) -> Answer:
        answer = importlib.import_module("api.handler").handler(event(method, path, query, **others), Context())
        return answer["statusCode"], json.loads(answer["body"])

    return send


def assert_documented(operation: str, answer: Answer) -> dict[str, Any]:
    """The answer is one of those that the document promises for the operation."""
    described = document()
    status, body = answer
    for item in described["paths"].values():
        for method in item.values():
            if method["operationId"] == operation:
                content = method["responses"][str(status)]["content"]["application/json"]["schema"]
                resolver = {"components": described["components"], **content}
                jsonschema.validate(body, resolver)
                return body
    raise AssertionError(operation)


def test_a_small_object_is_put_processed_and_read_back(pipeline: Pipeline, call: Call) -> None:
    put = assert_documented("putObject", call("PUT", "/objects", {"key": "orders 1.csv"}, body=ORDERS.decode()))
    assert put["status"] == "RECEIVED"
    wanted = {"key": "orders 1.csv"}
    assert assert_documented("readStatus", call("GET", "/objects/status", wanted))["status"] == "RECEIVED"
    assert call("GET", "/results", wanted)[0] == 404

    created = pipeline.put("orders 1.csv", ORDERS)
    pipeline.deliver(created)
    status = assert_documented("readStatus", call("GET", "/objects/status", wanted))
    assert (status["status"], status["region"], status["summary"]["rows"]) == ("PROCESSED", REGION, 1)
    assert status["version"] == created["detail"]["object"]["version-id"]
    # The version that was put before has not been processed.
    earlier = {**wanted, "version": put["version"]}
    assert call("GET", "/objects/status", earlier)[0] == 404
    result = assert_documented("readResult", call("GET", "/results", wanted))
    assert result["summary"]["kind"] == "csv"
    assert PROCESSED in result["data"]["url"]
    assert "Signature=" in result["data"]["url"]


def test_bytes_arrive_as_they_were_sent(pipeline: Pipeline, call: Call) -> None:
    content = bytes(range(256))
    sent = event("PUT", "/objects", {"key": "bytes.bin"}, body=base64.b64encode(content).decode())
    sent["isBase64Encoded"] = True
    answer = importlib.import_module("api.handler").handler(sent, Context())
    assert answer["statusCode"] == 202
    assert CLIENTS["s3"].get_object(Bucket=RAW, Key="bytes.bin")["Body"].read() == content


def test_an_upload_is_signed_for_its_type_and_size(call: Call) -> None:
    wanted = {"key": "large.csv", "size": 5 * 1024**3, "contentType": "text/csv"}
    answer = assert_documented("startUpload", call("POST", "/uploads", body=json.dumps(wanted)))
    assert answer["headers"] == {"Content-Type": "text/csv", "Content-Length": str(5 * 1024**3)}
    assert RAW in answer["url"]
    assert "large.csv" in answer["url"]


def test_the_addresses_are_signed_for_the_region_and_bind_type_and_length() -> None:
    from platform_runtime.clients import presigning_s3_client

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        presigning_s3_client.cache_clear()
        from api.stores import Objects

        url = Objects(presigning_s3_client(), RAW).upload_url("k.csv", content_type="text/csv", size=5, seconds=60)
        presigning_s3_client.cache_clear()
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert f"%2F{REGION}%2Fs3%2Faws4_request" in url
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost" in url
    assert "checksum" not in url.lower()
    assert urllib.parse.urlsplit(url).hostname == f"{RAW}.s3.{REGION}.amazonaws.com"


def test_the_list_comes_page_by_page_with_every_object_once(pipeline: Pipeline, call: Call) -> None:
    for number in range(7):
        pipeline.deliver(pipeline.put(f"orders/{number}.csv", ORDERS))
    pipeline.put("other.csv", ORDERS)
    seen: list[str] = []
    token: dict[str, str] = {}
    for _ in range(5):
        page = assert_documented("listObjects", call("GET", "/objects", {"prefix": "orders/", "limit": "3", **token}))
        seen += [entry["key"] for entry in page["objects"]]
        if "next" not in page:
            break
        token = {"next": page["next"]}
    assert seen == [f"orders/{number}.csv" for number in range(7)]


def test_the_list_tells_what_was_processed_and_what_waits(pipeline: Pipeline, call: Call) -> None:
    import time

    pipeline.now = time.time() + 60
    pipeline.deliver(pipeline.put("done.csv", ORDERS))
    pipeline.deliver(pipeline.put("refused.csv", b"a,b\n1\n"))
    pipeline.put("waiting.csv", ORDERS)
    pipeline.now = time.time() - 3600
    pipeline.deliver(pipeline.put("put-again.csv", ORDERS))
    _, page = call("GET", "/objects")
    assert {entry["key"]: entry["status"] for entry in page["objects"]} == {
        "done.csv": "PROCESSED",
        "refused.csv": "REJECTED",
        "waiting.csv": "RECEIVED",
        "put-again.csv": "RECEIVED",
    }


def test_a_refused_object_says_why_and_has_no_result(pipeline: Pipeline, call: Call) -> None:
    pipeline.deliver(pipeline.put("refused.csv", b"a,b\n1\n"))
    status = assert_documented("readStatus", call("GET", "/objects/status", {"key": "refused.csv"}))
    assert status["reason"]["code"] == "RAGGED_ROW"
    problem = assert_documented("readResult", call("GET", "/results", {"key": "refused.csv"}))
    assert (problem["code"], problem["status"]) == ("NOT_PROCESSED", "REJECTED")


def processed_elsewhere(pipeline: Pipeline, key: str) -> None:
    """Let the catalogue know a result as another region's function has written it."""
    pipeline.deliver(pipeline.put(key, ORDERS))
    for item in pipeline.items():
        CLIENTS["dynamodb"].delete_item(TableName=TABLE, Key={"object": item["object"], "version": item["version"]})
        item["object"] = {"S": f"{ELSEWHERE}/{key}"}
        item["region"] = {"S": "us-west-2"}
        CLIENTS["dynamodb"].put_item(TableName=TABLE, Item=item)


def test_what_another_region_processed_is_known_here(pipeline: Pipeline, call: Call) -> None:
    processed_elsewhere(pipeline, "orders.csv")
    status = assert_documented("readStatus", call("GET", "/objects/status", {"key": "orders.csv"}))
    assert (status["status"], status["region"]) == ("PROCESSED", "us-west-2")
    # Its copy is here.
    assert call("GET", "/results", {"key": "orders.csv"})[0] == 200
    for key in pipeline.written():
        CLIENTS["s3"].delete_object(Bucket=PROCESSED, Key=key)
    problem = assert_documented("readResult", call("GET", "/results", {"key": "orders.csv"}))
    assert (problem["code"], problem["region"]) == ("RESULT_ELSEWHERE", "us-west-2")


def test_what_is_not_copied_here_yet_is_known_nevertheless(pipeline: Pipeline, call: Call) -> None:
    processed_elsewhere(pipeline, "orders.csv")
    CLIENTS["s3"].delete_object(Bucket=RAW, Key="orders.csv")
    assert call("GET", "/objects/status", {"key": "orders.csv"})[1]["status"] == "PROCESSED"


def test_nothing_is_known_of_what_was_never_put(call: Call) -> None:
    for path in ("/objects/status", "/results"):
        status, body = call("GET", path, {"key": "never.csv"})
        assert (status, body["code"]) == (404, "NOT_FOUND")


def versions(key: str) -> int:
    return len(CLIENTS["s3"].list_object_versions(Bucket=RAW, Prefix=key).get("Versions", []))


def test_a_request_that_comes_twice_with_its_key_is_done_once(call: Call) -> None:
    sent: dict[str, Any] = {"query": {"key": "a.csv"}, "body": "a\n1\n", "headers": {"Idempotency-Key": "one"}}
    first, second = call("PUT", "/objects", **sent), call("PUT", "/objects", **sent)
    assert first[0] == 202
    assert first == second
    assert versions("a.csv") == 1
    # Without a key, and with another one, it is another request.
    call("PUT", "/objects", **(sent | {"headers": {}}))
    call("PUT", "/objects", **(sent | {"headers": {"idempotency-key": "two"}}))
    assert versions("a.csv") == 3


def test_a_key_belongs_to_one_request_and_one_caller(call: Call) -> None:
    sent: dict[str, Any] = {"query": {"key": "a.csv"}, "body": "a\n1\n", "headers": {"Idempotency-Key": "one"}}
    call("PUT", "/objects", **sent)
    status, body = call("PUT", "/objects", **(sent | {"body": "a\n2\n"}))
    assert (status, body["code"]) == (422, "KEY_REUSED")
    other = "arn:aws:iam::000000000000:user/bo"
    assert call("PUT", "/objects", **(sent | {"body": "a\n2\n", "caller": other}))[0] == 202
    assert versions("a.csv") == 2


def test_a_failed_request_may_come_again_with_its_key(call: Call) -> None:
    sent: dict[str, Any] = {"query": {"key": "a.csv"}, "body": "a\n1\n", "headers": {"Idempotency-Key": "one"}}

    def refuse(service: str, operation: str) -> None:
        if operation == "PutObject":
            raise ClientError({"Error": {"Code": "SlowDown", "Message": "slow down"}}, operation)

    with calls_hooked(refuse):
        status, body = call("PUT", "/objects", **sent)
    assert (status, body["code"]) == (503, "TRY_AGAIN")
    assert call("PUT", "/objects", **sent)[0] == 202


def test_our_own_trouble_is_not_shown_to_clients(call: Call) -> None:
    def break_down(service: str, operation: str) -> None:
        raise RuntimeError("password is hunter2")

    with calls_hooked(break_down):
        status, body = call("GET", "/objects")
    assert (status, body["code"]) == (500, "INTERNAL_ERROR")
    assert "hunter2" not in json.dumps(body)


def test_keys_that_dynamodb_leaves_out_are_asked_for_again(pipeline: Pipeline, call: Call) -> None:
    pipeline.deliver(pipeline.put("a.csv", ORDERS))
    left = {TABLE: {"Keys": [{"object": {"S": f"{RAW}/a.csv"}, "version": {"S": "latest"}}]}}
    asked = []

    def leave_out(answer: dict[str, Any]) -> None:
        asked.append(answer)
        if len(asked) == 1:
            answer["Responses"], answer["UnprocessedKeys"] = {}, left

    with answers_changed("dynamodb", "BatchGetItem", leave_out):
        status, _ = call("GET", "/results", {"key": "a.csv"})
    assert status == 200
    with answers_changed("dynamodb", "BatchGetItem", lambda answer: answer.update(Responses={}, UnprocessedKeys=left)):
        assert call("GET", "/results", {"key": "a.csv"})[0] == 503


@pytest.mark.parametrize(
    ("method", "path", "request_", "mistakes"),
    [
        ("GET", "/objects", {"query": {"limit": "0"}}, ["limit must be a whole number from 1 to 50"]),
        ("GET", "/objects", {"query": {"limit": "x", "prefix": "a\n"}}, ["limit", "prefix"]),
        ("GET", "/objects/status", {}, ["key is missing"]),
        ("GET", "/results", {"query": {"key": "a", "version": "a b"}}, ["version is no version id"]),
        ("PUT", "/objects", {"query": {"key": "x" * 901}}, ["at most 900 bytes"]),
        ("PUT", "/objects", {"query": {"key": "a/../b"}}, ["path segments"]),
        ("PUT", "/objects", {"query": {"key": "a"}, "headers": {"Content-Type": "csv"}}, ["no media type"]),
        ("PUT", "/objects", {"query": {"key": "a"}, "headers": {"Idempotency-Key": "a b"}}, ["Idempotency-Key"]),
        ("POST", "/uploads", {"body": None}, ["not JSON"]),
        ("POST", "/uploads", {"body": "[]"}, ["no JSON object"]),
        ("POST", "/uploads", {"body": '{"size": -1}'}, ["key is missing", "size must be"]),
        ("POST", "/uploads", {"body": '{"key": "a", "size": true, "contentType": 5}'}, ["size", "content type"]),
    ],
)
def test_a_wrong_request_is_refused_with_every_mistake(
    call: Call, method: str, path: str, request_: dict[str, Any], mistakes: list[str]
) -> None:
    status, body = call(method, path, **request_)
    assert (status, body["code"]) == (400, "INVALID_REQUEST")
    for mistake in mistakes:
        assert mistake in body["message"]


def test_a_token_that_s3_did_not_give_is_the_clients_mistake(call: Call) -> None:
    def refuse(service: str, operation: str) -> None:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
        raise ClientError(
            {"Error": {"Code": "InvalidArgument", "Message": "The continuation token is wrong"}}, operation
        )

    with calls_hooked(refuse):
        assert call("GET", "/objects", {"next": "guessed"})[0] == 400
        assert call("GET", "/objects")[0] == 500


def test_a_body_that_is_too_large_is_refused(call: Call) -> None:
    status, body = call("PUT", "/objects", {"key": "a"}, body="x" * (1024 * 1024 + 1))
    assert (status, body["code"]) == (413, "BODY_TOO_LARGE")
    assert versions("a") == 0


OPERATIONS = [(method.upper(), path) for path, item in document()["paths"].items() for method in item]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.sampled_from(OPERATIONS),
    st.dictionaries(st.sampled_from(["key", "prefix", "limit", "version"]), st.text(max_size=30)),
    st.none() | st.text() | JSON_VALUES.map(json.dumps),
    st.dictionaries(st.sampled_from(["Content-Type", "Idempotency-Key"]), st.text(max_size=20)),
)
def test_no_request_crashes_the_function(
    call: Call, operation: tuple[str, str], query: dict[str, str], body: str | None, headers: dict[str, str]
) -> None:
    status, answer = call(*operation, query, body=body, headers=headers)
    assert status in {200, 201, 202, 400, 404}
    assert status < 400 or answer["message"]


def test_the_function_answers_every_operation_of_the_document_and_no_other(call: Call) -> None:
    call("GET", "/objects")
    app = importlib.import_module("api.handler").app
    routes = [*app._static_routes, *app._dynamic_routes]  # Powertools tells them no other way
    known = {("".join(route.method), route.path) for route in routes}
    assert known == {(method.upper(), path) for path, item in document()["paths"].items() for method in item}


def test_all_mistakes_in_the_environment_are_reported_at_once() -> None:
    with pytest.raises(InvalidEnvironmentError) as caught:
        Settings.from_environment({"RAW_BUCKETS": "a,", "AWS_REGION": "Europe"})
    assert len(caught.value.problems) == 8
