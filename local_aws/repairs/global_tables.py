"""A global table has its replicas.

MiniStack's DynamoDB replicates, but its provisioner ignores ``Replicas``:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import provisioners

from local_aws.clients import Clients
from local_aws.repairs.completion import Completion, complete
from local_aws.resource_type import Properties

_TYPE = "AWS::DynamoDB::GlobalTable"


def apply(clients: Clients) -> None:
    """Repair it."""
    complete(_TYPE, clients, _finish)
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    delete_table = handlers["delete"]

    def delete(physical_id: str, properties: Properties) -> None:
        dynamodb = clients.get("dynamodb", responses.get_region(), responses.get_account_id())
        try:
            replicas = _replicas(dynamodb, physical_id)
        except dynamodb.exceptions.ResourceNotFoundException:
            return
        _change(dynamodb, physical_id, "Delete", replicas)
        delete_table(physical_id, properties)

    handlers["delete"] = delete


def _finish(table: Completion) -> None:
    dynamodb = table.client("dynamodb")
    there = _replicas(dynamodb, table.physical_id)
    wanted = {replica["Region"] for replica in table.new["Replicas"]} - {responses.get_region()}
    _change(dynamodb, table.physical_id, "Create", wanted - there)
    _change(dynamodb, table.physical_id, "Delete", there - wanted)


def _replicas(dynamodb: Any, table: str) -> set[str]:
    """The regions of the table's replicas, its own left out."""
    described = dynamodb.describe_table(TableName=table)["Table"].get("Replicas", [])
    return {replica["RegionName"] for replica in described} - {responses.get_region()}


def _change(dynamodb: Any, table: str, action: str, regions: set[str]) -> None:
    for region in sorted(regions):
        dynamodb.update_table(TableName=table, ReplicaUpdates=[{action: {"RegionName": region}}])
