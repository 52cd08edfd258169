"""A read replica is one: it has its source's engine, and each knows the other, also across regions.

MiniStack's provisioner makes an instance of its own and reads no ``SourceDBInstanceIdentifier``. Neither of the two
runs, and nothing is replicated: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.XRgn.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services import rds
from ministack.services.cloudformation import provisioners

from local_aws.resource_type import Attributes, Properties

_TYPE = "AWS::RDS::DBInstance"
_SOURCE = "SourceDBInstanceIdentifier"
# A template gives none of them for a replica: they are the source's.
_INHERITED = {
    "AllocatedStorage": "AllocatedStorage",
    "Engine": "Engine",
    "EngineVersion": "EngineVersion",
    "MasterUserPassword": "_MasterUserPassword",
    "MasterUsername": "MasterUsername",
    "StorageEncrypted": "StorageEncrypted",
    "StorageType": "StorageType",
}


def apply() -> None:
    """Repair it."""
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def create_replica(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        reference = properties.get(_SOURCE)
        if not reference:
            made: tuple[str, Attributes] = create(logical_id, properties, stack)
            return made
        source = _find(reference)
        physical_id, attributes = create(logical_id, _with_inherited(properties, source), stack)
        replica = rds._instances[physical_id]
        replica.update(DBName=source["DBName"], ReadReplicaSourceDBInstanceIdentifier=_name(source, replica))
        source.setdefault("ReadReplicaDBInstanceIdentifiers", []).append(_name(replica, source))
        return physical_id, attributes

    def update_replica(physical_id: str, old: Properties, new: Properties, *rest: Any) -> tuple[str, Attributes]:
        if new.get(_SOURCE):
            source = _find(new[_SOURCE])
            old, new = _with_inherited(old, source), _with_inherited(new, source)
        updated: tuple[str, Attributes] = update(physical_id, old, new, *rest)
        return updated

    def delete_replica(physical_id: str, properties: Properties) -> None:
        replica = rds._instances.get(physical_id)
        if replica and properties.get(_SOURCE):
            try:
                known = _find(properties[_SOURCE])["ReadReplicaDBInstanceIdentifiers"]
            except ValueError:
                known = []  # the source went first
            known[:] = [name for name in known if name not in (physical_id, replica["DBInstanceArn"])]
        delete(physical_id, properties)

    handlers.update(create=create_replica, update=update_replica, delete=delete_replica)


def _find(reference: str) -> dict[str, Any]:
    """The instance a replica names, by its identifier or, in another region, by its ARN."""
    if not reference.startswith("arn:"):
        found = rds._instances.get(reference)
    else:
        _, _, _, region, account, _, identifier = reference.split(":", 6)
        with responses.request_scope(account, region):
            found = rds._instances.get(identifier)
    if not found:
        raise ValueError(f"The source instance could not be found: {reference}")
    instance: dict[str, Any] = found
    return instance


def _name(instance: dict[str, Any], for_whom: dict[str, Any]) -> str:
    """How one instance is called where the other is: by its identifier there, by its ARN from another region."""
    same = instance["DBInstanceArn"].split(":")[3] == for_whom["DBInstanceArn"].split(":")[3]
    return str(instance["DBInstanceIdentifier" if same else "DBInstanceArn"])


def _with_inherited(properties: Properties, source: dict[str, Any]) -> dict[str, Any]:
    inherited = {name: source[key] for name, key in _INHERITED.items() if source.get(key) not in (None, "")}
    return {**inherited, "Port": source["Endpoint"]["Port"], **properties}
