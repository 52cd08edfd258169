"""A CloudFormation type that MiniStack lacks: what to create, update and delete for it.

A type is a class in :mod:`local_aws.provisioners` or :mod:`local_aws.moto_bridge`, made known by :func:`provides`.
What replaces a resource, which properties are allowed and where tags stand is known from the registry's schema
(:mod:`local_aws.registry_schema`); a class says only which calls make it so.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from ministack.core import responses
from ministack.services.cloudformation import provisioners as ministack_provisioners

from local_aws.clients import Clients

Properties = Mapping[str, Any]
Attributes = dict[str, Any]


class Origin(enum.StrEnum):
    """Who keeps the resources of a type."""

    NATIVE = "native"
    API = "api"
    MOTO = "moto"
    STAND_IN = "stand-in"


@dataclass(frozen=True)
class Request:
    """What a template asks for.

    Attributes:
        logical_id: the resource's name in its template.
        stack: the stack's name.
        properties: as the template gives them, intrinsic functions resolved.
    """

    logical_id: str
    stack: str
    properties: Properties

    def name(self, given: str | None = None, *, longest: int = 64) -> str:
        """The name the template gives, or one as CloudFormation makes it: the stack, the logical id and a suffix."""
        made: str = ministack_provisioners._physical_name(self.stack, self.logical_id, max_len=longest)
        return given or made

    def get(self, name: str, otherwise: Any = None) -> Any:
        """A property, or ``otherwise`` where the template gives none."""
        return self.properties.get(name, otherwise)

    def __getitem__(self, name: str) -> Any:
        return self.properties[name]

    def tags(self, name: str = "Tags") -> dict[str, str]:
        """The tags in a property, the stack's own among them."""
        return tags_of(self.properties, name)


class ResourceType(ABC):
    """One type. Its methods run on a thread of their own and may call the emulator's API, their own included."""

    service: ClassVar[str]
    """The service that keeps it, as boto3 calls it."""
    origin: ClassVar[Origin] = Origin.API
    clients: ClassVar[Clients]
    """Set once the server knows where it listens."""

    @property
    def api(self) -> Any:
        """A client of the type's service, in the region and account of the stack."""
        return self.client(self.service)

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of any service, in the region and account of the stack."""
        return self.clients.get(service, region or self.region, self.account)

    @property
    def region(self) -> str:
        """The stack's region."""
        found: str = responses.get_region()
        return found

    @property
    def account(self) -> str:
        """The stack's account."""
        found: str = responses.get_account_id()
        return found

    @abstractmethod
    def create(self, request: Request) -> str:
        """Make the resource; its physical id, which is what ``Ref`` returns."""

    @abstractmethod
    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        """Change the resource in place; what needs a new one never comes here."""

    @abstractmethod
    def delete(self, physical_id: str, properties: Properties) -> None:
        """Remove the resource; an error of the API that says it is gone already is no mistake."""

    def attributes(self, physical_id: str, request: Request) -> Attributes:  # noqa: ARG002 - for those who need it
        """What ``Fn::GetAtt`` returns, by attribute."""
        return {}


Kind = TypeVar("Kind", bound=type[ResourceType])
PROVIDED: dict[str, type[ResourceType]] = {}
"""Every class made known so far, by the type it provides."""


def provides(name: str) -> Callable[[Kind], Kind]:
    """Make a class known as what provides a CloudFormation type."""

    def register(kind: Kind) -> Kind:
        PROVIDED[name] = kind
        return kind

    return register


def tags_of(properties: Properties, name: str = "Tags") -> dict[str, str]:
    """Tags as a mapping, from either of the two forms in which types write them.

    Those that CloudFormation itself adds, ``aws:`` in front, are left out: no caller may set them through an API.
    """
    given = properties.get(name) or {}
    pairs = given.items() if isinstance(given, Mapping) else ((tag["Key"], tag.get("Value", "")) for tag in given)
    return {str(key): str(value) for key, value in pairs if not str(key).startswith("aws:")}


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags in the form most APIs take."""
    return [{key: name, value: words} for name, words in tags.items()]


def tag_changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The keys to remove and the tags to set, so that ``old`` becomes ``new``."""
    return [key for key in old if key not in new], {key: text for key, text in new.items() if old.get(key) != text}
