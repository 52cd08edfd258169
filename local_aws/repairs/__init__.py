"""Where MiniStack differs from AWS in what this platform relies on: one module per difference.

Each says what is wrong, which document of AWS says how it should be, and puts it right. All of them hold for one
version of MiniStack (see :mod:`local_aws.touch_points`); a newer one may need fewer.
"""

from __future__ import annotations

from local_aws.clients import Clients
from local_aws.repairs import (
    alarm_evaluation,
    backup_permissions,
    bucket_settings,
    config_deletion,
    custom_resource_timeout,
    database_replicas,
    event_bus_policies,
    event_bus_targets,
    event_permissions,
    flow_log_tags,
    global_tables,
    health_check_children,
    health_check_resets,
    metric_math_alarms,
    network_acls,
    object_events,
    parameter_permissions,
    private_zones,
    secret_reference,
    secret_rotation,
    secure_transport,
    stack_outputs,
    topic_encryption,
)
from local_aws.settings import Settings


def apply(clients: Clients, settings: Settings) -> None:
    """Apply all of them, once per process."""
    alarm_evaluation.apply()
    backup_permissions.apply()
    bucket_settings.apply(clients)
    config_deletion.apply()
    custom_resource_timeout.apply(settings.custom_resource_seconds)
    database_replicas.apply()
    event_bus_policies.apply()
    event_bus_targets.apply()
    event_permissions.apply()
    flow_log_tags.apply()
    global_tables.apply(clients)
    health_check_children.apply()
    health_check_resets.apply()
    metric_math_alarms.apply(clients)
    network_acls.apply()
    object_events.apply()
    parameter_permissions.apply()
    private_zones.apply(clients)
    secret_reference.apply()
    secret_rotation.apply(clients)
    secure_transport.apply()
    stack_outputs.apply()
    topic_encryption.apply(clients)
