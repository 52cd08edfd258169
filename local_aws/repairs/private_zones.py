"""A hosted zone with networks is private, and a zone has its tags.

MiniStack's provisioner reads neither ``VPCs`` nor ``HostedZoneTags``; it would make a public zone of the same name:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-hostedzone.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import provisioners

from local_aws.clients import Clients
from local_aws.repairs.completion import Completion, complete
from local_aws.resource_type import Attributes, Properties, Request, tag_changes, tag_list, tags_of

_TYPE = "AWS::Route53::HostedZone"
_TAGS = "HostedZoneTags"


def apply(clients: Clients) -> None:
    """Repair it."""
    handlers = provisioners._RESOURCE_HANDLERS[_TYPE]
    create_public = handlers["create"]

    def create(logical_id: str, properties: Properties, stack: str) -> tuple[str, Attributes]:
        if not properties.get("VPCs"):
            made: tuple[str, Attributes] = create_public(logical_id, properties, stack)
            return made
        route53 = clients.get("route53", responses.get_region(), responses.get_account_id())
        zone = route53.create_hosted_zone(
            Name=properties["Name"],
            CallerReference=Request(logical_id, stack, properties).name(longest=100) + responses.get_region(),
            VPC=_network(properties["VPCs"][0]),
            HostedZoneConfig={
                "PrivateZone": True,
                "Comment": (properties.get("HostedZoneConfig") or {}).get("Comment", ""),
            },
        )["HostedZone"]["Id"].rpartition("/")[2]
        return zone, {"Id": zone, "NameServers": []}

    handlers["create"] = create
    complete(_TYPE, clients, _finish)


def _finish(zone: Completion) -> None:
    route53 = zone.client("route53")
    before = [_network(one) for one in zone.old.get("VPCs") or zone.new.get("VPCs", [])[:1]]
    after = [_network(one) for one in zone.new.get("VPCs") or []]
    for one in after:
        if one not in before:
            route53.associate_vpc_with_hosted_zone(HostedZoneId=zone.physical_id, VPC=one)
    for one in before:
        if one not in after:
            route53.disassociate_vpc_from_hosted_zone(HostedZoneId=zone.physical_id, VPC=one)
    gone, fresh = tag_changes(tags_of(zone.old, _TAGS), tags_of(zone.new, _TAGS))
    changes: dict[str, Any] = {"RemoveTagKeys": gone, "AddTags": tag_list(fresh)}
    if gone or fresh:
        route53.change_tags_for_resource(
            ResourceType="hostedzone",
            ResourceId=zone.physical_id,
            **{name: value for name, value in changes.items() if value},
        )


def _network(given: dict[str, str]) -> dict[str, str]:
    return {"VPCId": given["VPCId"], "VPCRegion": given["VPCRegion"]}
