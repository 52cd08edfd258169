"""The platform's database instances: the first one, and those that were copied from another."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from constructs.database.database_foundation import DatabaseFoundation
from constructs.database.mysql import ENGINE

DATABASE_NAME = "platform"


class FirstDatabase(rds.DatabaseInstance):
    """The instance that all others come from, with the credentials of ``secret``."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: DatabaseFoundation,
        secret: secretsmanager.ISecret,
        storage_gib: int,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            engine=ENGINE,
            credentials=rds.Credentials.from_secret(secret),
            database_name=DATABASE_NAME,
            allocated_storage=storage_gib,
            **foundation.settings,
        )
        foundation.carry(self)


class CopiedDatabase(rds.DatabaseInstanceReadReplica):
    """An instance made as a copy of another region's, which it follows while it ``replicates``.

    To stop that is to promote it, which CloudFormation does in place when the template names no source any
    more. Nothing else may change then, least of all a property that cannot be changed on an instance: so a
    promoted copy keeps to say which region it came from, and never says how it is encrypted but by its key,
    nor which user it was created with. The opposite way leads only through a new instance.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        foundation: DatabaseFoundation,
        source_identifier: str,
        source_region: str,
        replicates: bool,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            source_database_instance=rds.DatabaseInstance.from_database_instance_attributes(
                scope,
                f"{construct_id}Source",
                instance_identifier=source_identifier,
                instance_endpoint_address="known to RDS alone",
                port=3306,
                security_groups=[],
            ),
            **foundation.settings,
        )
        instance = cast("rds.CfnDBInstance", self.node.default_child)
        source = cdk.Stack.of(self).format_arn(
            service="rds",
            resource="db",
            resource_name=source_identifier,
            region=source_region,
            arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
        )
        instance.source_db_instance_identifier = source if replicates else None
        # By it the source region's consent to copy encrypted storage is signed.
        instance.source_region = source_region
        # With a key it is understood, and RDS's creation of a copy takes no such argument.
        instance.add_property_deletion_override("StorageEncrypted")
        foundation.carry(self)
