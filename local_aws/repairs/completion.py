"""Properties that a provisioner of MiniStack's leaves out, set through the service's own API afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import provisioners

from local_aws.added_types import let_call_the_api
from local_aws.clients import Clients
from local_aws.resource_type import Attributes, Properties


@dataclass(frozen=True)
class Completion:
    """A resource that was created or updated a moment ago.

    Attributes:
        physical_id: its physical id.
        old: its properties before an update; none at creation.
        new: its properties now.
        attributes: what ``Fn::GetAtt`` will return; may be changed.
        clients: the server's own.
    """

    physical_id: str
    old: Properties
    new: Properties
    attributes: Attributes
    clients: Clients

    def client(self, service: str, region: str | None = None) -> Any:
        """A client in the region and account of the stack."""
        return self.clients.get(service, region or responses.get_region(), responses.get_account_id())

    def changed(self, name: str) -> bool:
        """Whether a property is set or was, and not to the same."""
        return bool(self.old.get(name) != self.new.get(name))


def complete(resource_type: str, clients: Clients, finish: Callable[[Completion], None]) -> None:
    """Let ``finish`` see every resource of a type after MiniStack has created or updated it."""
    handlers = provisioners._RESOURCE_HANDLERS[resource_type]
    let_call_the_api([resource_type])
    create, update = handlers["create"], handlers.get("update")

    def create_and_finish(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        physical_id, attributes = create(logical_id, properties, stack)
        done = Completion(physical_id, {}, properties, dict(attributes or {}), clients)
        finish(done)
        return physical_id, done.attributes

    def update_and_finish(physical_id: str, old: Properties, new: Properties, *rest: Any) -> tuple[str, Attributes]:
        new_id, attributes = update(physical_id, old, new, *rest)
        done = Completion(new_id, old if new_id == physical_id else {}, new, dict(attributes or {}), clients)
        finish(done)
        return new_id, done.attributes

    handlers["create"] = create_and_finish
    if update:
        handlers["update"] = update_and_finish
