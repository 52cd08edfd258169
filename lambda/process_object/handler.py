"""Entry point of the function that processes objects: parses the batch, delegates, reports."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from platform_runtime.clients import dynamodb_client, events_client, s3_client
from platform_runtime.events import EventPublisher
from platform_runtime.objects import ObjectReader, ObjectWriter
from platform_runtime.observability import Observability

from process_object.catalogue import Catalogue
from process_object.notice import Notice
from process_object.processor import Delivery, Outcome, Processor, Result
from process_object.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

_SETTINGS = Settings.from_environment(os.environ)
_OBSERVABILITY = Observability(_SETTINGS.observability)
_LOGGER = _OBSERVABILITY.logger
_METRICS = _OBSERVABILITY.metrics
_COUNTERS = {
    Outcome.PROCESSED: "ObjectsProcessed",
    Outcome.REJECTED: "ObjectsRejected",
    Outcome.FAILED: "ObjectsFailed",
    Outcome.DUPLICATE: "DuplicatesIgnored",
    Outcome.REPLICA: "ReplicasSkipped",
    Outcome.GONE: "ObjectsGone",
    Outcome.FOLDER: "FoldersIgnored",
}


@_LOGGER.inject_lambda_context
@_OBSERVABILITY.tracer.capture_lambda_handler(capture_response=False)
@_METRICS.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Work off a batch of SQS messages; what is to be delivered again is named in the answer."""
    batch = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
    return process_partial_response(event=event, record_handler=_process, processor=batch, context=context)


def _process(record: SQSRecord, lambda_context: LambdaContext) -> None:
    receive_count = int(record.attributes.approximate_receive_count)
    keys: dict[str, Any] = {"message_id": record.message_id, "receive_count": receive_count}
    started = time.perf_counter()
    try:
        notice = Notice.parse(record.body, own_source=_SETTINGS.event_source)
        keys |= {
            "correlation_id": notice.event_id,
            "bucket": notice.bucket,
            "key": notice.key,
            "version_id": notice.version_id,
        }
        result = _processor().process(
            notice,
            Delivery(
                message_id=record.message_id,
                is_last=receive_count >= _SETTINGS.max_receive_count,
                seconds_left=lambda: lambda_context.get_remaining_time_in_millis() / 1000,
            ),
        )
    except Exception:
        with _LOGGER.append_context_keys(**keys):
            _LOGGER.exception("The message will be delivered again")
        raise
    with _LOGGER.append_context_keys(**keys):
        _report(result, time.perf_counter() - started)


def _report(result: Result, seconds: float) -> None:
    _METRICS.add_metric(_COUNTERS[result.outcome], MetricUnit.Count, 1)
    entry = result.entry
    if entry is None:
        _LOGGER.info("Nothing to do", outcome=result.outcome)
        return
    _METRICS.add_metric("ProcessingTime", MetricUnit.Milliseconds, seconds * 1000)
    if entry.summary:
        _METRICS.add_metric("BytesProcessed", MetricUnit.Bytes, entry.summary["size"])
    with _LOGGER.append_context_keys(outcome=result.outcome, reason=entry.reason, output=entry.output):
        if result.error:
            _LOGGER.error("Given up", exc_info=result.error)
        else:
            _LOGGER.info("Done")


@cache
def _processor() -> Processor:
    _OBSERVABILITY.trace_aws_calls()
    return Processor(
        reader=ObjectReader(s3_client()),
        writer=ObjectWriter(s3_client()),
        catalogue=Catalogue(dynamodb_client(), _SETTINGS.catalogue_table),
        publisher=EventPublisher(events_client(), _SETTINGS.event_source),
        bucket=_SETTINGS.processed_bucket,
        region=_SETTINGS.region,
        trace=_OBSERVABILITY.subsegment,
    )
