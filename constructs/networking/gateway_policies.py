"""What the gateway endpoints let through.

A network without a route out is no obstacle to copying data into a stranger's bucket as long as the endpoint
serves every bucket of the world. So the endpoints serve this account's principals and resources, and of AWS's
own buckets those that its agents and services read.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
"""

from collections.abc import Iterator

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from configuration.partition import PARTITION

_READ_FROM_SERVICES = (
    # Image layers of private ECR repositories: https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    "prod-{region}-starport-layer-bucket",
    # Packages: https://docs.aws.amazon.com/linux/al2023/ug/managing-repos-os-updates.html
    "al2023-repos-{region}-de612dc2",
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-technical-details.html
    "aws-ssm-{region}",
    "amazon-ssm-{region}",
    "amazon-ssm-packages-{region}",
    "aws-ssm-document-attachments-{region}",
    "{region}-birdwatcher-prod",
    "patch-baseline-snapshot-{region}",
)
_WRITTEN_TO_SERVICES = (
    # Answers of custom resources that run in the network, and of wait conditions; the region without its hyphens.
    "cloudformation-custom-resource-response-{plain}",
    "cloudformation-waitcondition-{region}",
)


def own_and_service_buckets_only(stack: cdk.Stack) -> Iterator[iam.PolicyStatement]:
    """S3: this account's buckets for this account's principals, and the buckets AWS's services need."""
    yield _own(stack, "s3:*")
    yield iam.PolicyStatement(
        sid="ReadFromServices",
        principals=[iam.AnyPrincipal()],
        actions=["s3:GetObject"],
        resources=_objects(stack, _READ_FROM_SERVICES),
    )
    yield iam.PolicyStatement(
        sid="AnswerCloudFormation",
        principals=[iam.AnyPrincipal()],
        actions=["s3:PutObject"],
        resources=_objects(stack, _WRITTEN_TO_SERVICES),
    )


def own_tables_only(stack: cdk.Stack) -> iam.PolicyStatement:
    """DynamoDB: this account's tables for this account's principals."""
    return _own(stack, "dynamodb:*")


def _own(stack: cdk.Stack, actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="OwnResources",
        principals=[iam.AnyPrincipal()],
        actions=[actions],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalAccount": stack.account, "aws:ResourceAccount": stack.account}},
    )


def _objects(stack: cdk.Stack, buckets: tuple[str, ...]) -> list[str]:
    names = (bucket.format(region=stack.region, plain=stack.region.replace("-", "")) for bucket in buckets)
    return [f"arn:{PARTITION}:s3:::{name}/*" for name in names]
