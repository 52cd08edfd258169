"""The edges' copies of a distribution's objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

_ATTEMPTS = 12
_PAUSE_SECONDS = 5.0
_NOT_YET_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException"})


def invalidate(
    cloudfront: CloudFrontClient, distribution: str, *, reference: str, sleep: Callable[[float], None]
) -> str:
    """Let the edges ask anew for everything; the id of the invalidation is returned.

    The same ``reference`` again, after a time-out for instance, is the same invalidation. The permission is as new as
    the distribution it names and may take a while to be known everywhere, so a refusal is asked again for a minute.

    Raises:
        ClientError: CloudFront refuses.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            made = cloudfront.create_invalidation(
                DistributionId=distribution,
                InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": reference},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_YET_ALLOWED or attempt == _ATTEMPTS:
                raise
            sleep(_PAUSE_SECONDS)
        else:
            return made["Invalidation"]["Id"]
    raise AssertionError("the last attempt returns or raises")
