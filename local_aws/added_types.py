"""How the types of this package become MiniStack's own: entries in the tables its CloudFormation reads."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from ministack.core import responses
from ministack.services.cloudformation import provisioners, stacks

from local_aws.clients import Clients
from local_aws.registry_schema import any_schema_of, schema_of
from local_aws.resource_type import PROVIDED, Properties, Request, ResourceType

# What an API answers about a resource that is gone; deleting it again is no mistake for CloudFormation.
_GONE = re.compile(r"NotFound|NoSuch|DoesNotExist|NonExistent|NotExist|^InvalidDocument$")
ON_WORKER_THREAD: set[str] = set()
"""Types whose provisioning calls the emulator's own API, which the event loop has to answer meanwhile."""


def install(clients: Clients) -> None:
    """Enter every provided type that MiniStack lacks; MiniStack's own are never replaced."""
    ResourceType.clients = clients
    for name, kind in PROVIDED.items():
        if name not in provisioners._RESOURCE_HANDLERS:
            _enter(name, kind())
    let_call_the_api(name for name in PROVIDED)


def let_call_the_api(types: Iterable[str]) -> None:
    """Let the provisioning of types call the emulator's own API."""
    if not ON_WORKER_THREAD:
        decide = stacks._runs_on_worker_thread

        @functools.wraps(decide)
        def runs_on_worker_thread(resource_type: str) -> bool:
            return resource_type in ON_WORKER_THREAD or bool(decide(resource_type))

        stacks._runs_on_worker_thread = runs_on_worker_thread
    ON_WORKER_THREAD.update(types)


def _enter(name: str, kind: ResourceType) -> None:
    schema = any_schema_of(name)
    provisioners._RESOURCE_HANDLERS[name] = _handlers(name, kind)
    provisioners._REPLACING_PROPERTIES[name] = tuple(path for path in schema.create_only if "/" not in path)
    if schema.tags:
        provisioners._STACK_TAG_PROPERTY[name] = schema.tags
    if schema.custom_name:
        provisioners._CUSTOM_NAME_REPLACEMENT[name] = {
            "name": schema.custom_name,
            "requires_replacement": schema.replaces,
        }


def _handlers(name: str, kind: ResourceType) -> dict[str, Any]:
    def validate(properties: Properties) -> None:
        schema_of(name, responses.get_region()).validate(without_stack_tags(name, properties))

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, dict[str, Any]]:
        validate(properties)
        request = Request(logical_id, stack, properties)
        physical_id = kind.create(request)
        return physical_id, kind.attributes(physical_id, request)

    def update(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str | None
    ) -> tuple[str, dict[str, Any]]:
        request = Request(logical_id or physical_id, stack, new)
        # MiniStack looks at whole properties; this is a part of one, such as a health check's type.
        if any_schema_of(name).replaces(old, new):
            replaced: tuple[str, dict[str, Any]] = provisioners._replace_resource(
                name, physical_id, old, new, stack, logical_id
            )
            return replaced
        validate(new)
        kind.update(physical_id, old, request)
        return physical_id, kind.attributes(physical_id, request)

    def delete(physical_id: str, properties: Properties) -> None:
        try:
            kind.delete(physical_id, properties)
        except ClientError as error:
            if not _GONE.search(error.response["Error"]["Code"]):
                raise

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}


def without_stack_tags(name: str, properties: Properties) -> Properties:
    """The properties without the tags CloudFormation itself adds, whose ``aws:`` no template may write."""
    spec = provisioners._STACK_TAG_PROPERTY.get(name)
    if not spec or spec[0] not in properties:
        return properties
    given = properties[spec[0]]
    own: Any = (
        {key: value for key, value in given.items() if not key.startswith("aws:")}
        if isinstance(given, Mapping)
        else [tag for tag in given if not str(tag.get("Key", "")).startswith("aws:")]
    )
    kept = {key: value for key, value in properties.items() if key != spec[0]}
    return {**kept, spec[0]: own} if own else kept
