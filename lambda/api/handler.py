"""Entry point of the API: HTTP in, HTTP out."""

from __future__ import annotations

import json
import os
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.metrics import MetricUnit
from platform_runtime.clients import dynamodb_client, presigning_s3_client
from platform_runtime.observability import Observability

from api.problems import Code, ProblemError
from api.repetition import Repetitions
from api.requests import page_of, small_object_of, upload_of, version_of
from api.service import Answer, Service
from api.settings import Settings
from api.stores import Catalogue, Objects

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_SETTINGS = Settings.from_environment(os.environ)
_OBSERVABILITY = Observability(_SETTINGS.observability)
_LOGGER = _OBSERVABILITY.logger
_METRICS = _OBSERVABILITY.metrics
_THROTTLED = frozenset({"SlowDown", "ThrottlingException", "ProvisionedThroughputExceededException", "503"})

app = APIGatewayRestResolver()


@app.post("/uploads")
def start_upload() -> Response[str]:
    """Where the client puts an object of any size itself."""
    return _answer(HTTPStatus.CREATED, _service().start_upload(upload_of(app.current_event.decoded_body)))


@app.put("/objects")
def put_object() -> Response[str]:
    """A small object, in the request's body."""
    event = app.current_event
    headers = {name.lower(): value for name, value in (event.raw_event.get("headers") or {}).items()}
    small = small_object_of(event.query_string_parameters, headers, _content(event.raw_event))
    if small.idempotency_key is None:
        return _answer(HTTPStatus.ACCEPTED, _service().put(small))
    answer = _repetitions().once(small, _caller(event.raw_event), _service().put, app.lambda_context)
    return _answer(HTTPStatus.ACCEPTED, answer)


@app.get("/objects")
def list_objects() -> Response[str]:
    """The region's objects, page by page."""
    return _answer(HTTPStatus.OK, _service().objects(page_of(app.current_event.query_string_parameters)))


@app.get("/objects/status")
def read_status() -> Response[str]:
    """What became of an object."""
    return _answer(HTTPStatus.OK, _service().status(version_of(app.current_event.query_string_parameters)))


@app.get("/results")
def read_result() -> Response[str]:
    """What was made of an object."""
    return _answer(HTTPStatus.OK, _service().result(version_of(app.current_event.query_string_parameters)))


def refuse(problem: ProblemError) -> Response[str]:
    """The client's mistake, or a moment's trouble, in the client's words."""
    _LOGGER.info("Refused", code=problem.code.name, reason=str(problem))
    return _answer(HTTPStatus(problem.code.value), problem.as_body())


def fail(error: Exception) -> Response[str]:
    """Our own trouble: logged with everything, answered with nothing that helps an attacker."""
    _LOGGER.error("Failed", exc_info=error)
    _METRICS.add_metric("RequestsFailed", MetricUnit.Count, 1)
    code = getattr(error, "response", {}).get("Error", {}).get("Code")
    problem = (
        ProblemError(Code.TRY_AGAIN, "a service behind the API is overloaded: try again in a moment")
        if code in _THROTTLED
        else ProblemError(Code.INTERNAL_ERROR, "the request failed for a reason that is not yours")
    )
    return _answer(HTTPStatus(problem.code.value), problem.as_body())


app.exception_handler(ProblemError)(refuse)
app.exception_handler(Exception)(fail)


@_LOGGER.inject_lambda_context(correlation_id_path="requestContext.requestId")
@_OBSERVABILITY.tracer.capture_lambda_handler(capture_response=False)
@_METRICS.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    with _LOGGER.append_context_keys(method=event.get("httpMethod"), resource=event.get("resource")):
        answer = app.resolve(event, context)
        _METRICS.add_metric("RequestsAnswered", MetricUnit.Count, 1)
        _LOGGER.info("Answered", status=answer["statusCode"])
    return answer


def _answer(status: HTTPStatus, body: Answer) -> Response[str]:
    headers: dict[str, str | list[str]] = {"Cache-Control": "no-store"}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    return Response(status.value, content_type="application/json", body=json.dumps(body), headers=headers)


def _content(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode()
    import base64

    return base64.b64decode(body)


def _caller(event: dict[str, Any]) -> str:
    """Who signed the request; API Gateway has verified it."""
    identity = event.get("requestContext", {}).get("identity", {})
    return str(identity.get("userArn") or identity.get("caller") or identity.get("accessKey"))


@cache
def _service() -> Service:
    _OBSERVABILITY.trace_aws_calls()
    s3 = presigning_s3_client()
    return Service(
        region=_SETTINGS.region,
        raw=Objects(s3, _SETTINGS.raw_bucket),
        processed=Objects(s3, _SETTINGS.processed_bucket),
        catalogue=Catalogue(dynamodb_client(), _SETTINGS.catalogue_table, _SETTINGS.raw_buckets),
    )


@cache
def _repetitions() -> Repetitions:
    return Repetitions(dynamodb_client(), _SETTINGS.requests_table)
