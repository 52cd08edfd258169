"""Reads a zone as Route 53 has it, by the answers of its API."""

from collections.abc import Iterable, Mapping
from typing import Any

from ops.failover.intrinsics import CHECK, RECORD
from ops.failover.records import Zone
from ops.failover.template import read_zone

_STACK = "Route53"


def deployed_zone(records: Iterable[Mapping[str, Any]], checks: Iterable[Mapping[str, Any]]) -> Zone:
    """The zone with these records and health checks, as ``ListResourceRecordSets`` and ``ListHealthChecks`` tell them.

    Raises:
        TemplateError, ZoneError: see :func:`ops.failover.template.read_zone`; a check is named by its id.
    """
    resources: dict[str, Any] = {
        check["Id"]: {"Type": CHECK, "Properties": {"HealthCheckConfig": _config(check["HealthCheckConfig"])}}
        for check in checks
    }
    for record in records:
        resources[f"record {len(resources)}"] = {"Type": RECORD, "Properties": _properties(record)}
    return read_zone({_STACK: {"Resources": resources}}, {})


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    children = [{"Ref": child} for child in config.get("ChildHealthChecks", ())]
    return {**config, "ChildHealthChecks": children} if children else dict(config)


def _properties(record: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(record)
    if values := record.get("ResourceRecords"):
        properties["ResourceRecords"] = [value["Value"] for value in values]
    if check := record.get("HealthCheckId"):
        properties["HealthCheckId"] = {"Ref": check}
    return properties
