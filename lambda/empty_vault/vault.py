"""A backup vault and its recovery points."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_backup import BackupClient

_LOOK_AGAIN_SECONDS = 5
# What a recovery point answers that is still being made, copied or deleted; it is asked again.
_BUSY = frozenset({"InvalidResourceStateException", "InvalidRequestException", "ConflictException"})


class VaultNotEmptyError(Exception):
    """Recovery points are left although the time is up."""


class Vault:
    """Deletes every recovery point of one vault."""

    def __init__(self, client: BackupClient, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._name = name
        self._sleep = sleep

    def empty(self, *, time_left: Callable[[], float]) -> int:
        """Delete recovery points until none is left; the number of deletions that were asked for is returned.

        ``time_left`` gives the seconds that remain for the work.

        Raises:
            VaultNotEmptyError: the time ran out first.
        """
        asked = 0
        while points := self._recovery_points():
            if time_left() < 2 * _LOOK_AGAIN_SECONDS:
                raise VaultNotEmptyError(
                    f"{len(points)} recovery points are left in {self._name}; delete the stack again"
                )
            asked += sum(self._delete(point) for point in points)
            self._sleep(_LOOK_AGAIN_SECONDS)
        return asked

    def _recovery_points(self) -> list[str]:
        try:
            pages = self._client.get_paginator("list_recovery_points_by_backup_vault").paginate(
                BackupVaultName=self._name
            )
            return [point["RecoveryPointArn"] for page in pages for point in page["RecoveryPoints"]]
        except self._client.exceptions.ResourceNotFoundException:
            return []

    def _delete(self, recovery_point: str) -> bool:
        try:
            self._client.delete_recovery_point(BackupVaultName=self._name, RecoveryPointArn=recovery_point)
        except self._client.exceptions.ResourceNotFoundException:
            return False
        except ClientError as error:
            if error.response["Error"]["Code"] not in _BUSY:
                raise
            return False
        return True
