# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""CodeDeploy's applications and deployment groups; nothing is deployed."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Origin, Properties, Request, ResourceType, provides, tag_changes, tag_list, tags_of


@provides("AWS::CodeDeploy::Application")
class Application(ResourceType):
    """An application."""

    service = "codedeploy"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        name = request.name(request.get("ApplicationName"), longest=100)
        self.api.create_application(
            applicationName=name,
            computePlatform=request.get("ComputePlatform", "Server"),
            tags=tag_list(request.tags()),
        )
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        gone, fresh = tag_changes(tags_of(old), request.tags())
        arn = f"arn:aws:codedeploy:{self.region}:{self.account}:application:{physical_id}"
        if gone:
            self.api.untag_resource(ResourceArn=arn, TagKeys=gone)
        if fresh:
            self.api.tag_resource(ResourceArn=arn, Tags=tag_list(fresh))

    def delete(self, physical_id: str, properties: Properties) -> None:
        forget(self.account, self.region, physical_id)


@provides("AWS::CodeDeploy::DeploymentGroup")
class DeploymentGroup(ResourceType):
    """A deployment group; ``Ref`` is its name."""

    service = "codedeploy"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        name = request.name(request.get("DeploymentGroupName"), longest=100)
        self._put(name, request)
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        # moto can't change a group: it is made anew under the same name.
        forget(self.account, self.region, request["ApplicationName"], physical_id)
        self._put(physical_id, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        forget(self.account, self.region, properties["ApplicationName"], physical_id)

    def _put(self, name: str, request: Request) -> None:
        wanted = {**request.properties, "DeploymentGroupName": name, "Tags": tag_list(request.tags())}
        call(self.api, "CreateDeploymentGroup", wanted)


def forget(account: str, region: str, application: str, group: str | None = None) -> None:
    """Take an application or one of its groups out of moto, whose CodeDeploy can delete neither."""
    from moto.codedeploy.models import codedeploy_backends

    backend = codedeploy_backends[account][region]
    if group is None:
        backend.applications.pop(application, None)
        backend.deployment_groups.pop(application, None)
    else:
        backend.deployment_groups.get(application, {}).pop(group, None)
