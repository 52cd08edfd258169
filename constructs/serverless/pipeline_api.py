"""The API of the data pipeline: its function, what that may do, and the memory of requests."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct
from constructs.serverless.api_gateway import ApiGateway
from constructs.serverless.foundation import Foundation
from constructs.shared.acknowledgement import acknowledge
from constructs.shared.python_function import PythonFunction


class PipelineApi(Construct):
    """Takes objects into ``raw``, and reads ``raw``, ``processed`` and ``catalogue``.

    ``raw_buckets`` names the raw buckets of all regions, this one's first: by them the catalogue knows objects. The
    function runs without a route to the internet. What it remembers of requests is of use for a day, in this region.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        api_name: str,
        raw: s3.IBucket,
        raw_buckets: list[str],
        processed: s3.IBucket,
        catalogue: dynamodb.ITableV2,
        foundation: Foundation,
        vpc: ec2.IVpc,
        security_group: ec2.ISecurityGroup,
        requests_per_second: int,
        burst: int,
        reserved_concurrency: int | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.requests = self._requests(foundation)
        self.function = PythonFunction(
            self,
            "Function",
            package="api",
            description="Answers the API",
            environment={
                "RAW_BUCKETS": ",".join(raw_buckets),
                "PROCESSED_BUCKET": processed.bucket_name,
                "CATALOGUE_TABLE": catalogue.table_name,
                "REQUESTS_TABLE": self.requests.table_name,
                **foundation.variables("api"),
            },
            environment_key=foundation.messaging_key,
            logs_key=foundation.logs_key,
            log_retention_days=foundation.log_retention_days,
            removal_policy=foundation.removal_policy,
            # API Gateway answers for the function after 29 seconds.
            timeout=cdk.Duration.seconds(28),
            memory_mib=512,
            vpc=vpc,
            security_groups=[security_group],
            reserved_concurrency=reserved_concurrency,
        )
        self._grant(raw, processed, catalogue, foundation)
        self.gateway = ApiGateway(
            self,
            "Gateway",
            api_name=api_name,
            function=self.function,
            foundation=foundation,
            requests_per_second=requests_per_second,
            burst=burst,
        )

    def _requests(self, foundation: Foundation) -> dynamodb.TableV2:
        table = dynamodb.TableV2(
            self,
            "Requests",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expiration",
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(foundation.storage_key),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        acknowledge(table, "AwsSolutions-DDB3", reason="It holds what is forgotten after a day anyway")
        return table

    def _grant(
        self, raw: s3.IBucket, processed: s3.IBucket, catalogue: dynamodb.ITableV2, foundation: Foundation
    ) -> None:
        statements = [
            # GetObject allows the HEAD that tells the current version.
            iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=[raw.arn_for_objects("*")]),
            iam.PolicyStatement(actions=["s3:GetObject"], resources=[processed.arn_for_objects("*")]),
            # To list; and without this right S3 answers 403 instead of 404 for an object that does not exist.
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[raw.bucket_arn, processed.bucket_arn]),
            iam.PolicyStatement(actions=["dynamodb:BatchGetItem"], resources=[catalogue.table_arn]),
            iam.PolicyStatement(
                actions=["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
                resources=[self.requests.table_arn],
            ),
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[foundation.storage_key.key_arn]
            ),
        ]
        for statement in statements:
            self.function.add_to_role_policy(statement)
        acknowledge(
            self,
            *(f"AwsSolutions-IAM5[Resource::{bucket.arn_for_objects('*')}]" for bucket in (raw, processed)),
            reason="Every object of the two buckets is the API's business; their keys are the clients' choice",
        )
