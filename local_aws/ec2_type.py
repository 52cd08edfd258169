"""What the types of Amazon EC2 share: tags at creation, and tags changed afterwards."""

from __future__ import annotations

from typing import Any

from local_aws.resource_type import Properties, Request, ResourceType, tag_changes, tag_list, tags_of


class Ec2Type(ResourceType):
    """A type of Amazon EC2 whose physical id is the id that tags are kept under."""

    service = "ec2"

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        """Change the tags; most types of EC2 can change nothing else."""
        self.retag(physical_id, old, request)

    def retag(self, resource_id: str, old: Properties, request: Request) -> None:
        """Bring the tags of a resource from what they were to what the template asks for."""
        gone, fresh = tag_changes(tags_of(old), request.tags())
        if gone:
            self.api.delete_tags(Resources=[resource_id], Tags=[{"Key": key} for key in gone])
        if fresh:
            self.api.create_tags(Resources=[resource_id], Tags=tag_list(fresh))


def tagged(kind: str, request: Request) -> dict[str, Any]:
    """The argument that gives a new resource its tags; EC2 refuses an empty one."""
    tags = request.tags()
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tag_list(tags)}]} if tags else {}
