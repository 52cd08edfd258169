"""The secret with which the database is reached."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

MASTER_USER = "platform"
EXCLUDED_CHARACTERS = "/@\" '\\"
"""What RDS refuses in a password, and what shells and connection strings trip over."""


class DatabaseCredentials(secretsmanager.Secret):
    """The master user and a generated password, kept in every region under the same name.

    ``replica_keys`` maps a region to the ARN of the key that encrypts the secret there. The secret's value
    never stands in a template: RDS resolves it by reference.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        secret_name: str,
        key: kms.IKey,
        replica_keys: dict[str, str],
        removal_policy: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            secret_name=secret_name,
            description="The master user of the platform's database",
            encryption_key=key,
            replica_regions=[
                secretsmanager.ReplicaRegion(
                    region=region, encryption_key=kms.Key.from_key_arn(scope, f"{construct_id}Key-{region}", arn)
                )
                for region, arn in replica_keys.items()
            ],
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=f'{{"username":"{MASTER_USER}"}}',
                generate_string_key="password",
                password_length=32,
                exclude_characters=EXCLUDED_CHARACTERS,
                require_each_included_type=True,
            ),
            removal_policy=removal_policy,
        )
