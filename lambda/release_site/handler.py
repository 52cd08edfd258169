"""Entry point: CloudFormation's requests about a release of the site, and about the edges' memory of the last one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from platform_runtime.custom_resource import answer

from release_site.invalidation import invalidate
from release_site.release import Archive, release

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_LOGGER = Logger(service="release_site")
RELEASE, INVALIDATION = "Custom::SiteRelease", "Custom::SiteInvalidation"


@_LOGGER.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Carry a request out and answer it; nothing is taken away when a resource is deleted.

    An earlier release stays where it is: the distribution of another region may still serve from its copy.
    """
    properties = event["ResourceProperties"]
    failure = None
    try:
        if event["RequestType"] != "Delete":
            _carry_out(event["ResourceType"], properties)
    except Exception as error:
        # CloudFormation would wait an hour for an answer that never comes.
        _LOGGER.exception("The request failed", type=event["ResourceType"])
        failure = str(error)
    answer(event, physical_id=properties["Release"], failure=failure)


def _carry_out(resource_type: str, properties: dict[str, Any]) -> None:
    if resource_type == RELEASE:
        files = release(
            boto3.client("s3"),
            Archive(properties["ArchiveBucket"], properties["ArchiveKey"]),
            bucket=properties["Bucket"],
            prefix=properties["Release"],
        )
        _LOGGER.info("The release is in its place", release=properties["Release"], files=files)
    elif resource_type == INVALIDATION:
        made = invalidate(
            boto3.client("cloudfront"), properties["DistributionId"], reference=properties["Release"], sleep=time.sleep
        )
        _LOGGER.info("The edges forget", invalidation=made)
    else:
        raise ValueError(f"{resource_type} is neither {RELEASE} nor {INVALIDATION}")
