"""Items in a real table's API: stored, read back, and said where they were written."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.application.conftest import Start
from tests.application.harness import REGION, RunningApplication, http_stub, module_command

_TABLE = "Acme-test-Catalogue"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "TABLE_NAME": _TABLE}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def table(endpoint: str) -> Any:
    resource = boto3.resource(
        "dynamodb",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="secret",
    )
    return resource.create_table(
        TableName=_TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": "object", "KeyType": "HASH"},
            {"AttributeName": "version", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "object", "AttributeType": "S"},
            {"AttributeName": "version", "AttributeType": "S"},
        ],
    )


@pytest.fixture(scope="module")
def stored(endpoint: str, table: Any) -> Iterator[RunningApplication]:
    running = RunningApplication({"AWS_ENDPOINT_URL": endpoint, **_CREDENTIALS}, module_command())
    yield running
    running.close()


def test_an_item_is_stored_and_read_back_with_its_region(stored: RunningApplication) -> None:
    document = {"name": "Zoë", "count": 3, "parts": [1.5, None, True, {"deep": ["x"]}]}
    put = stored.request("/items/order-1", method="PUT", body=json.dumps(document).encode())
    got = stored.request("/items/order-1")

    assert put.status == 201
    assert got.status == 200
    assert got.json()["document"] == document
    assert got.json()["written_in"] == REGION
    assert got.json()["served_by"] == REGION
    assert got.json() == put.json()


def test_an_item_is_replaced(stored: RunningApplication) -> None:
    assert stored.request("/items/order-2", method="PUT", body=b'{"count": 1}').status == 201
    assert stored.request("/items/order-2", method="PUT", body=b'{"count": 2}').status == 200
    assert stored.request("/items/order-2").json()["document"] == {"count": 2}


def test_an_item_that_is_not_there_is_not_found(stored: RunningApplication) -> None:
    assert stored.request("/items/nothing").status == 404


def test_items_stand_apart_from_the_objects_of_the_catalogue(stored: RunningApplication, table: Any) -> None:
    stored.request("/items/order-3", method="PUT", body=b"{}")
    keys = {(item["object"], item["version"]) for item in table.scan()["Items"]}

    assert ("application#order-3", "current") in keys
    assert all(partition.startswith("application#") for partition, _ in keys)


def test_an_item_of_another_region_shows_where_it_was_written(stored: RunningApplication, table: Any) -> None:
    table.put_item(
        Item={
            "object": "application#order-4",
            "version": "current",
            "document": "{}",
            "written_in": "us-east-1",
            "written_at": "2026-11-25T00:00:00Z",
        }
    )

    reply = stored.request("/items/order-4").json()
    assert (reply["written_in"], reply["served_by"]) == ("us-east-1", REGION)


def test_a_chunked_body_is_stored(stored: RunningApplication) -> None:
    (reply,) = stored.exchange(
        b"PUT /items/order-5 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b'5;extension=1\r\n{"a":\r\n3\r\n 1}\r\n0\r\nTrailer: x\r\n\r\n'
    )

    assert reply.status == 201
    assert reply.json()["document"] == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a":' * 10000,
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused(stored: RunningApplication, body: bytes) -> None:
    reply = stored.request("/items/order-6", method="PUT", body=body)

    assert reply.status == 400
    assert stored.request("/items/order-6").status == 404


@pytest.mark.parametrize("item_id", ["", "a/b", "a%2Fb", "%C3%A9", "a" * 129, "health:probe", "a%00"])
def test_an_id_that_is_none_is_refused(stored: RunningApplication, item_id: str) -> None:
    assert stored.request(f"/items/{item_id}", method="PUT", body=b"{}").status == 400


def test_the_real_table_api_is_well(stored: RunningApplication) -> None:
    assert stored.request("/health/deep").status == 200


def test_what_aws_calls_passing_is_tried_once_more(start: Start) -> None:
    answers = [(400, {"__type": "x#ThrottlingException"}), (200, {})]
    with http_stub(lambda *_: answers.pop(0)) as aws:
        reply = start(AWS_ENDPOINT_URL=aws.url, **_CREDENTIALS).request("/items/a", method="PUT", body=b"{}")

    assert reply.status == 201
    assert len(aws.requests) == 2


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        ((400, {"__type": "x#ResourceNotFoundException", "message": "arn:aws:dynamodb:secret"}), 1),
        ((500, {"__type": "x#InternalServerError"}), 2),
        ((503, "<html>"), 2),
        ((200, "[]"), 1),
        ((200, "no JSON"), 1),
    ],
)
def test_a_table_that_fails_is_unavailable_and_tells_the_log_why(
    start: Start, answer: tuple[int, object], attempts: int
) -> None:
    with http_stub(lambda *_: answer) as aws:
        application = start(AWS_ENDPOINT_URL=aws.url, **_CREDENTIALS)
        reply = application.request("/items/a")

    assert reply.status == 503
    assert reply.headers["retry-after"] == "1"
    assert reply.json() == {"error": "the table does not answer"}
    assert len(aws.requests) == attempts
    assert application.wait_for("table_unavailable")["reason"]


def test_a_table_that_is_silent_is_unavailable_in_time(start: Start) -> None:
    with http_stub(lambda *_: (200, {})) as aws:
        application = start(AWS_ENDPOINT_URL_DYNAMODB=aws.url, ITEM_TIMEOUT_SECONDS="0.1", **_CREDENTIALS)
    assert application.request("/items/a").status == 503


def test_an_answer_nobody_foresaw_is_an_internal_error_and_the_next_request_is_served(start: Start) -> None:
    with http_stub(lambda *_: (200, {"Item": {"unforeseen": {"S": "x"}}})) as aws:
        application = start(AWS_ENDPOINT_URL=aws.url, **_CREDENTIALS)
        client = application.client()
        client.request("GET", "/items/a")
        failed = client.getresponse()
        assert (failed.status, failed.read()) == (500, b'{"error": "internal error"}\n')
        client.request("GET", "/health")
        assert client.getresponse().status == 200
        client.close()

    assert "KeyError" in application.wait_for("request_failed")["exception"]
