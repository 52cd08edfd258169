"""``Ref`` of a secret is its ARN, where MiniStack returns its name.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import drift, provisioners

from local_aws.resource_type import Attributes, Properties

_TYPE = "AWS::SecretsManager::Secret"


def apply() -> None:
    """Repair it."""
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
    read, compared = drift._DRIFT_READERS[_TYPE]

    def create_by_arn(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        _, attributes = create(logical_id, properties, stack)
        return attributes["Arn"], attributes

    def update_by_arn(physical_id: str, *rest: Any) -> tuple[str, Attributes]:
        _, attributes = update(_name(physical_id), *rest)
        return attributes["Arn"], attributes

    def delete_by_arn(physical_id: str, properties: Properties) -> None:
        delete(_name(physical_id), properties)

    def read_by_arn(physical_id: str, properties: Properties) -> Any:
        return read(_name(physical_id), properties)

    handlers.update(create=create_by_arn, update=update_by_arn, delete=delete_by_arn)
    drift._DRIFT_READERS[_TYPE] = (read_by_arn, compared)


def _name(physical_id: str) -> str:
    """The name under which MiniStack keeps a secret."""
    name, secret = secretsmanager._resolve(physical_id)
    return str(name) if secret else physical_id
