"""Database: a region's MySQL instance, written to or following the one that is."""

import aws_cdk as cdk
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct
from constructs.database.credentials import DatabaseCredentials
from constructs.database.database_foundation import DatabaseFoundation
from constructs.database.database_instance import CopiedDatabase, FirstDatabase
from constructs.database.replica_lag import ReplicaLagAlarm
from constructs.database.secret_rotation import HostedRotation, OwnRotation
from constructs.shared.acknowledgement import acknowledge

from configuration.names import Key, Stacks
from stacks.networking import NetworkingStack
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps

ENDPOINT = "EndpointAddress"
"""The key of the output that names the instance's host, for other regions."""


class DatabaseStack(TapStack):
    """One instance, its credentials, and their rotation where they are no copy.

    What the instance is follows from the environment file alone (``database`` in configuration/database.py).
    A rebuilt instance has ids of its own, so that the one before it leaves the template as a whole.
    """

    def __init__(
        self, scope: Construct, *, props: TapStackProps, security: SecurityStack, networking: NetworkingStack
    ) -> None:
        super().__init__(scope, Stacks.DATABASE, props=props, description="The relational database")
        self._security = security
        self._networking = networking
        self._settings = props.environment.database
        self._described = props.environment.database_in(props.region)

        self.secret: secretsmanager.ISecret | None = None
        self.instance = self._instance()
        cdk.Tags.of(self.instance).add(*props.names.backup_tag)
        endpoint = cdk.CfnOutput(self, ENDPOINT, value=self.instance.db_instance_endpoint_address)
        endpoint.override_logical_id(ENDPOINT)
        if props.region == props.environment.rotation_region:
            self._rotate()
        else:
            self._leave_rotation_elsewhere()

    def _instance(self) -> rds.IDatabaseInstance:
        described, names = self._described, self.props.names
        number = "" if described.generation == 1 else str(described.generation)
        self.foundation = DatabaseFoundation(
            self,
            f"Foundation{number}",
            instance_identifier=names.database(described.generation),
            settings=self._settings,
            backup_retention_days=self.props.environment.db_backup_retention_days,
            key=self._security.database_key,
            logs_key=self._security.logs_key,
            log_retention_days=self.props.environment.log_retention_days,
            vpc=self._networking.vpc,
            security_group=self._networking.security_groups.data,
            retain_data=self.props.environment.retain_data,
        )
        if described.source is None:
            return self._first()
        region, generation = described.source
        copy = CopiedDatabase(
            self,
            f"Instance{number}",
            foundation=self.foundation,
            source_identifier=names.database(generation),
            source_region=region,
            replicates=described.replicates,
        )
        if described.replicates:
            ReplicaLagAlarm(
                self,
                f"ReplicaLag{number}",
                copy=copy,
                seconds=self._settings.replica_lag_seconds,
                alarm_topic=self._security.alarm_topic,
            )
        return copy

    def _first(self) -> FirstDatabase:
        alias = self.props.names.alias(Key.DATABASE)
        credentials = DatabaseCredentials(
            self,
            "Credentials",
            secret_name=self.props.names.database_secret,
            key=self._security.database_key,
            replica_keys={
                region.name: self.regional_arn("kms", alias, region=region.name)
                for region in self.props.environment.others_than(self.props.region)
            },
            removal_policy=self.removal_policy,
        )
        instance = FirstDatabase(
            self, "Instance", foundation=self.foundation, secret=credentials, storage_gib=self._settings.storage_gib
        )
        self.secret = instance.secret
        return instance

    def _leave_rotation_elsewhere(self) -> None:
        acknowledge(self, "AwsSolutions-SMG4", reason="The environment file has the secret rotated elsewhere")
        environment = self.props.environment
        if self.props.region == environment.database_writer:
            cdk.Annotations.of(self).add_warning_v2(
                "platform:rotation-elsewhere",
                f"The database of {self.region} is written to, and its secret is rotated in "
                f"{environment.rotation_region.name}: while this region's secret is a copy of that one, the next "
                "rotation locks everybody out. Finish docs/runbooks/promote-database.md",
            )

    def _rotate(self) -> None:
        names = self.props.names
        secret = self.secret or secretsmanager.Secret.from_secret_attributes(
            self,
            "Credentials",
            secret_partial_arn=self.regional_arn("secretsmanager", f"secret:{names.database_secret}"),
            encryption_key=self._security.database_key,
        )
        if self._settings.rotation == "hosted":
            HostedRotation(
                self,
                "Rotation",
                secret=secret,
                function_name=names.rotation_function,
                vpc=self._networking.vpc,
                security_group=self._networking.security_groups.rotation,
            )
            return
        OwnRotation(
            self,
            "Rotation",
            secret=secret,
            # Secrets Manager ends the ARN with six characters that only it knows.
            secret_arn=self.regional_arn("secretsmanager", f"secret:{names.database_secret}-??????"),
            key=self._security.database_key,
            logs_key=self._security.logs_key,
            log_retention_days=self.props.environment.log_retention_days,
            removal_policy=self.removal_policy,
            vpc=self._networking.vpc,
            security_group=self._networking.security_groups.rotation,
        )
