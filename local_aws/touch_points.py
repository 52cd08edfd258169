"""What this package touches inside MiniStack and moto, beyond what they promise to keep.

Both are pinned to the one version this list was written for. Before another one is pinned, this list tells what to
look at: a name that is gone is reported by name, in a test and at the start of the server.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from importlib import metadata

VERSIONS: Mapping[str, str] = {"ministack": "1.5.33", "moto": "5.2.5"}

NAMES: Mapping[str, tuple[str, ...]] = {
    "ministack.app": ("SERVICE_HANDLERS", "app", "pin_request_origin"),
    "ministack.core.concurrency": ("spawn_background",),
    "ministack.core.iam_actions": (
        "SERVICE_TO_IAM_NAMESPACE",
        "_BOTOCORE_SERVICE_MAP",
        "extract_resource_arn",
        "request_tag_context",
    ),
    "ministack.core.lambda_runtime": ("_lock", "_workers", "kill_workers", "subprocess"),
    "ministack.core.node_pool": ("subprocess",),
    "ministack.core.responses": (
        "error_response_json",
        "get_account_id",
        "get_region",
        "json_response",
        "request_scope",
    ),
    "ministack.services.cloudformation.custom_resource": ("invoke_custom_resource",),
    "ministack.services.cloudformation.drift": ("_DRIFT_READERS",),
    "ministack.services.cloudformation.engine": ("_resolve_refs",),
    "ministack.services.cloudformation.provisioners": (
        "_CUSTOM_NAME_REPLACEMENT",
        "_REPLACING_PROPERTIES",
        "_RESOURCE_HANDLERS",
        "_STACK_TAG_PROPERTY",
        "_cw_metric_alarm_record",
        "_physical_name",
        "_replace_resource",
    ),
    "ministack.services.cloudformation.stacks": ("_runs_on_worker_thread",),
    "ministack.services.cloudwatch": (
        "_alarms",
        "_calc_stats",
        "_dims_from_list",
        "_dims_key",
        "_dispatch_alarm_actions",
        "_evaluate_alarm",
        "_evaluate_parent_alarms",
        "_metrics",
        "_record_history",
        "_stat_value",
        "record_metric",
    ),
    "ministack.services.config": ("_delivery_channels", "_recorders"),
    "ministack.services.ec2": (
        "_ACTION_MAP",
        "_error",
        "_network_acl_entry_xml",
        "_network_acls",
        "_p",
        "_subnets",
        "_xml",
    ),
    "ministack.services.eventbridge": (
        "_dispatch_event",
        "_dispatch_to_event_bus",
        "_event_bus_policies",
        "_put_permission",
    ),
    "ministack.services.lambda_svc": ("subprocess",),
    "ministack.services.rds": ("_instances",),
    "ministack.services.route53": ("_find", "_health_checks", "_parse_health_check_config", "_update_health_check"),
    "ministack.services.s3": ("_fire_s3_event",),
    "ministack.services.secretsmanager": (
        "_find_stage_version",
        "_get_secret_value",
        "_is_replica",
        "_remove_stage_everywhere",
        "_resolve",
        "_rotate_secret",
    ),
    "moto.applicationautoscaling.exceptions": ("AWSValidationException",),
    "moto.applicationautoscaling.models": (
        "ApplicationAutoscalingBackend",
        "ApplicationAutoscalingBackend._ecs_service_exists_for_target",
        "applicationautoscaling_backends",
    ),
    "moto.codedeploy.models": ("codedeploy_backends",),
    "moto.codepipeline.models": ("CodePipelineBackend", "CodePipelineBackend.iam_backend"),
    "moto.iam.exceptions": ("NotFoundException",),
    "moto.moto_server.werkzeug_app": ("DomainDispatcherApplication", "create_backend_app"),
    "moto.synthetics.models": ("synthetics_backends",),
}
"""The names by module; a dot leads into a class."""


class UnknownVersionError(RuntimeError):
    """MiniStack or moto isn't the one this package knows; the text says what is different."""


def check(package: str) -> None:
    """See that a package is installed as this one knows it.

    Raises:
        UnknownVersionError: it has another version, or a name is gone.
    """
    problems = [*_other_version(package), *(f"{name} is gone" for name in missing(package))]
    if problems:
        raise UnknownVersionError(
            f"{package} is not the one that local_aws knows (local_aws/touch_points.py):\n  " + "\n  ".join(problems)
        )


def missing(package: str) -> Iterator[str]:
    """The names of a package that are not there."""
    for path, names in NAMES.items():
        if path.partition(".")[0] != package:
            continue
        try:
            module = importlib.import_module(path)
        except ImportError:
            yield path
            continue
        for name in names:
            found: object = module
            for part in name.split("."):
                found = getattr(found, part, _NOTHING)
            if found is _NOTHING:
                yield f"{path}.{name}"


def _other_version(package: str) -> Iterator[str]:
    installed = metadata.version(package)
    if installed != VERSIONS[package]:
        yield f"its version is {installed}, and {VERSIONS[package]} is the known one"


_NOTHING = object()
