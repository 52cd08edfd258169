"""Entry point of the rotation function, called by Secrets Manager for each step."""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rotate_secret.database import Database
from rotate_secret.failures import RotationError
from rotate_secret.log import logger
from rotate_secret.rotation import Rotation, RotationRequest
from rotate_secret.secret_store import SecretStore, secrets_manager_client
from rotate_secret.settings import Settings

settings = Settings.from_environment(os.environ)
secrets = SecretStore(secrets_manager_client(), excluded_characters=settings.excluded_characters)
rotation = Rotation(secrets, Database(settings.tls))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Run one step of a rotation.

    ``event`` holds ``Step``, ``SecretId`` and ``ClientRequestToken``, as the AWS Secrets Manager user guide describes.

    Raises:
        RotationError: the step failed; Secrets Manager counts every exception as a failure and tries again.
    """
    logger.append_keys(**{key: event.get(key) for key in ("Step", "SecretId", "ClientRequestToken")})
    try:
        rotation.run(RotationRequest.from_event(event))
    except RotationError as failure:
        logger.error("The rotation step failed", reason=str(failure))
        raise
