"""Requests that come twice: the second gets the first one's answer, and nothing is done again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from api.problems import Code, ProblemError
from api.requests import SmallObject
from api.service import Answer

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED_SECONDS = 24 * 3600


class Repetitions:
    """Remembers requests that carry an idempotency key for a day."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer

        self._store = DynamoDBPersistenceLayer(table_name=table, boto3_client=client)

    def once(
        self, small: SmallObject, caller: str, put: Callable[[SmallObject], Answer], context: LambdaContext
    ) -> Answer:
        """Call ``put`` unless ``caller`` has sent this request with this idempotency key already.

        Raises :class:`ProblemError` if the key belongs to another request, or the first one is still being worked on.
        """
        from aws_lambda_powertools.utilities.idempotency import IdempotencyConfig, idempotent_function
        from aws_lambda_powertools.utilities.idempotency.exceptions import (
            IdempotencyAlreadyInProgressError,
            IdempotencyValidationError,
        )

        config = IdempotencyConfig(
            event_key_jmespath="id",
            payload_validation_jmespath="request",
            expires_after_seconds=REMEMBERED_SECONDS,
            hash_function="sha256",
            lambda_context=context,
        )

        def act(*, identity: dict[str, Any]) -> Answer:  # noqa: ARG001 - Powertools reads it
            return put(small)

        once: Callable[..., Answer] = idempotent_function(
            act, data_keyword_argument="identity", persistence_store=self._store, config=config
        )

        identity = {
            "id": [caller, small.idempotency_key],
            "request": [small.key, small.content_type, hashlib.sha256(small.content).hexdigest()],
        }
        try:
            return once(identity=identity)
        except IdempotencyValidationError as error:
            raise ProblemError(Code.KEY_REUSED, "this Idempotency-Key was sent with another request before") from error
        except IdempotencyAlreadyInProgressError as error:
            raise ProblemError(Code.REQUEST_IN_PROGRESS, "the same request is being worked on") from error
