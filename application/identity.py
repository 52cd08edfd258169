"""Which process this is: its region, its zone, and the instance or task it runs in."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from application import logs
from application.metadata import InstanceMetadata, MetadataError, fetch, parse
from application.settings import Settings

_SECONDS = 1.0


@dataclass(frozen=True)
class Identity:
    """What ``/`` and the log say about this process. ``platform`` is ``ecs``, ``ec2`` or ``other``."""

    region: str
    zone: str
    platform: str
    host: str
    version: str


def identify(environment: Mapping[str, str], settings: Settings) -> Identity:
    """Ask the task's or the instance's metadata; where neither answers, this is another host, of unknown zone."""
    try:
        platform, zone, host = _ask(environment, settings)
    except MetadataError as error:
        logs.warning("no_metadata", reason=str(error))
        platform, zone, host = "other", "unknown", socket.gethostname()
    return Identity(settings.aws.region, zone, platform, host, settings.version)


def _ask(environment: Mapping[str, str], settings: Settings) -> tuple[str, str, str]:
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
    task_url = environment.get("ECS_CONTAINER_METADATA_URI_V4")
    if task_url:
        task = parse(fetch(f"{task_url}/task", seconds=_SECONDS))
        # The end of the ARN: the rest names the account, which is not for everybody.
        return "ecs", str(task.get("AvailabilityZone", "unknown")), str(task.get("TaskARN", "")).rpartition("/")[2]
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html
    metadata = InstanceMetadata(settings.aws.metadata_endpoint, seconds=_SECONDS)
    instance = parse(metadata.get("/latest/dynamic/instance-identity/document"))
    return "ec2", str(instance.get("availabilityZone", "unknown")), str(instance.get("instanceId", ""))
