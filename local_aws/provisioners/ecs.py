# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""Which capacity providers a cluster has."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Properties, Request, ResourceType, provides


@provides("AWS::ECS::ClusterCapacityProviderAssociations")
class ClusterCapacityProviderAssociations(ResourceType):
    """The capacity providers of a cluster; ``Ref`` is the cluster."""

    service = "ecs"

    def create(self, request: Request) -> str:
        self._put(request.properties)
        cluster: str = request["Cluster"]
        return cluster

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(request.properties)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self._put({"Cluster": physical_id})

    def _put(self, wanted: Properties) -> None:
        nothing: dict[str, object] = {"CapacityProviders": [], "DefaultCapacityProviderStrategy": []}
        call(self.api, "PutClusterCapacityProviders", {**nothing, **wanted})
