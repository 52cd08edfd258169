# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""AWS Config's aggregators; nothing is aggregated."""

from __future__ import annotations

from local_aws.clients import call
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides, tag_list


@provides("AWS::Config::ConfigurationAggregator")
class ConfigurationAggregator(ResourceType):
    """An aggregator; ``Ref`` is its name."""

    service = "config"
    origin = Origin.MOTO

    def create(self, request: Request) -> str:
        name = request.name(request.get("ConfigurationAggregatorName"), longest=256)
        self._put(name, request)
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(physical_id, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_configuration_aggregator(ConfigurationAggregatorName=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        found = self.api.describe_configuration_aggregators(ConfigurationAggregatorNames=[physical_id])
        return {"ConfigurationAggregatorArn": found["ConfigurationAggregators"][0]["ConfigurationAggregatorArn"]}

    def _put(self, name: str, request: Request) -> None:
        wanted = {**request.properties, "ConfigurationAggregatorName": name, "Tags": tag_list(request.tags())}
        call(self.api, "PutConfigurationAggregator", wanted)
