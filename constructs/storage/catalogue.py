"""The table that knows every object of the data pipeline."""

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct


class Catalogue(dynamodb.TableV2):
    """One item per object version, plus one that points to the latest; replicated to ``replica_keys``' regions.

    ``replica_keys`` maps a region to the ARN of the key that encrypts the replica there. Without replicas the
    table has no stream: nothing reads one (requirement C10).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        table_name: str,
        key: kms.IKey,
        replica_keys: dict[str, str],
        deletion_protection: bool,
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            table_name=table_name,
            partition_key=dynamodb.Attribute(name="object", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="version", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(key, replica_keys),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=deletion_protection,
            removal_policy=removal_policy,
            replicas=[dynamodb.ReplicaTableProps(region=region) for region in replica_keys],
        )
