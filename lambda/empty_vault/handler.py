"""Entry point: CloudFormation's requests about the vault's contents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from platform_runtime.custom_resource import answer

from empty_vault.vault import Vault

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LOGGER = Logger(service="empty_vault")
# What is kept for the answer, when everything else has taken too long.
_RESERVE_SECONDS = 15


@_LOGGER.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Empty the vault when the resource is deleted; creating and updating it is nothing to do."""
    vault = event["ResourceProperties"]["BackupVaultName"]
    failure = None
    try:
        if event["RequestType"] == "Delete":
            deleted = Vault(boto3.client("backup"), vault).empty(
                time_left=lambda: context.get_remaining_time_in_millis() / 1000 - _RESERVE_SECONDS
            )
            _LOGGER.info("The vault is empty", vault=vault, deletions=deleted)
    except Exception as error:
        # CloudFormation would wait an hour for an answer that never comes.
        _LOGGER.exception("The vault could not be emptied", vault=vault)
        failure = str(error)
    answer(event, physical_id=f"{vault}-contents", failure=failure)
