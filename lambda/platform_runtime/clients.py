"""Clients of the AWS services, made when first used and kept for the life of the execution environment."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient


@cache
def s3_client() -> S3Client:
    """Amazon S3 in the function's region."""
    client: S3Client = _client("s3")
    return client


@cache
def presigning_s3_client() -> S3Client:
    """Amazon S3 for addresses that others use: signed for the region, without checksums nobody could add later."""
    from botocore.config import Config

    own = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        # boto3 would sign for the global host otherwise, which redirects to the region while a bucket is new.
        s3={"addressing_style": "virtual"},
    )
    client: S3Client = _client("s3", client_config().merge(own))
    return client


@cache
def dynamodb_client() -> DynamoDBClient:
    """Amazon DynamoDB in the function's region."""
    client: DynamoDBClient = _client("dynamodb")
    return client


@cache
def events_client() -> EventBridgeClient:
    """Amazon EventBridge in the function's region."""
    client: EventBridgeClient = _client("events")
    return client


@cache
def sns_client() -> SNSClient:
    """Amazon SNS in the function's region."""
    client: SNSClient = _client("sns")
    return client


@cache
def sqs_client() -> SQSClient:
    """Amazon SQS in the function's region."""
    client: SQSClient = _client("sqs")
    return client


@cache
def cloudtrail_client() -> CloudTrailClient:
    """AWS CloudTrail in the function's region."""
    client: CloudTrailClient = _client("cloudtrail")
    return client


def client_config() -> Config:
    """Timeouts that notice a dead endpoint soon, and retries that outlast a moment of throttling.

    At the worst a call gives up after about a minute, well before a function's own timeout of minutes.
    """
    from botocore.config import Config

    return Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": 4},
        # Endpoints by account have names of their own; the region's name is the one behind every VPC endpoint.
        account_id_endpoint_mode="disabled",
    )


def _client(service: Any, config: Config | None = None) -> Any:
    import boto3

    return boto3.client(service, config=config or client_config())
