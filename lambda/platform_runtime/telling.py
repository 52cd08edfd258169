"""The handler of every function that tells people what a queue of machines' messages says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

from platform_runtime.clients import sns_client, sqs_client
from platform_runtime.herald import Bulletin, Herald, HeraldSettings, Outcome
from platform_runtime.observability import Observability
from platform_runtime.topics import TopicPublisher

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
    from aws_lambda_powertools.utilities.typing import LambdaContext

Handler = Callable[[dict[str, Any], "LambdaContext"], "PartialItemFailureResponse"]
_COUNTERS = {
    Outcome.TOLD_URGENTLY: "AlertsSent",
    Outcome.TOLD: "NotificationsSent",
    Outcome.NOTHING_TO_TELL: "MessagesIgnored",
    Outcome.SET_ASIDE: "MessagesSetAside",
}


def telling_handler(
    settings: HeraldSettings, observability: Observability, interpret: Callable[[str], Bulletin | None]
) -> Handler:
    """A handler of SQS batches that reports the messages to be delivered again one by one."""
    logger, metrics = observability.logger, observability.metrics

    def tell(record: SQSRecord) -> None:
        with logger.append_context_keys(
            message_id=record.message_id, receive_count=record.attributes.approximate_receive_count
        ):
            try:
                outcome = Herald(TopicPublisher(sns_client()), sqs_client(), settings).handle(record.body, interpret)
            except Exception:
                logger.exception("The message will be delivered again")
                raise
            metrics.add_metric(_COUNTERS[outcome], MetricUnit.Count, 1)
            logger.info("Done", outcome=outcome)

    @logger.inject_lambda_context
    @observability.tracer.capture_lambda_handler(capture_response=False)
    @metrics.log_metrics(capture_cold_start_metric=True)
    def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        """Work off a batch."""
        observability.trace_aws_calls()
        batch = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(event=event, record_handler=tell, processor=batch, context=context)

    answer: Handler = handler
    return answer
