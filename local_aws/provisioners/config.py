# ruff: noqa: ARG002, D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""AWS Config: what is recorded, where to, and by which rules; nothing is evaluated."""

from __future__ import annotations

from local_aws.clients import call, text
from local_aws.resource_type import Attributes, Properties, Request, ResourceType, provides


class Recording(ResourceType):
    """A part of the recording. CloudFormation starts the recorder when it and the delivery channel are both there.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-config-configurationrecorder.html
    """

    service = "config"

    def start(self) -> None:
        """Start the recorder if there is one and it has somewhere to deliver to."""
        if self.api.describe_delivery_channels()["DeliveryChannels"]:
            for recorder in self.api.describe_configuration_recorders()["ConfigurationRecorders"]:
                self.api.start_configuration_recorder(ConfigurationRecorderName=recorder["name"])


@provides("AWS::Config::ConfigurationRecorder")
class ConfigurationRecorder(Recording):
    """The recorder, of which a region has one."""

    def create(self, request: Request) -> str:
        name = request.get("Name") or "default"
        self._put(name, request)
        self.start()
        return str(name)

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(physical_id, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_configuration_recorder(ConfigurationRecorderName=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        arn = f"arn:aws:config:{self.region}:{self.account}:configuration-recorder/{physical_id}"
        return {"ResourceARN": arn}

    def _put(self, name: str, request: Request) -> None:
        call(self.api, "PutConfigurationRecorder", {"ConfigurationRecorder": {**request.properties, "name": name}})


@provides("AWS::Config::DeliveryChannel")
class DeliveryChannel(Recording):
    """Where snapshots and changes would go."""

    def create(self, request: Request) -> str:
        name = request.get("Name") or "default"
        self._put(name, request)
        self.start()
        return str(name)

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(physical_id, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        # Config refuses to delete the channel of a recorder that runs.
        for recorder in self.api.describe_configuration_recorders()["ConfigurationRecorders"]:
            self.api.stop_configuration_recorder(ConfigurationRecorderName=recorder["name"])
        self.api.delete_delivery_channel(DeliveryChannelName=physical_id)

    def _put(self, name: str, request: Request) -> None:
        call(self.api, "PutDeliveryChannel", {"DeliveryChannel": {**request.properties, "name": name}})


@provides("AWS::Config::ConfigRule")
class ConfigRule(ResourceType):
    """A rule, which is never evaluated."""

    service = "config"

    def create(self, request: Request) -> str:
        name = request.name(request.get("ConfigRuleName"), longest=128)
        self._put(name, request)
        return name

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        self._put(physical_id, request)

    def delete(self, physical_id: str, properties: Properties) -> None:
        self.api.delete_config_rule(ConfigRuleName=physical_id)

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        rule = self.api.describe_config_rules(ConfigRuleNames=[physical_id])["ConfigRules"][0]
        return {
            "Arn": rule["ConfigRuleArn"],
            "ConfigRuleId": rule["ConfigRuleId"],
            "Compliance.Type": "INSUFFICIENT_DATA",
        }

    def _put(self, name: str, request: Request) -> None:
        parameters = request.get("InputParameters")
        wanted = {
            **request.properties,
            "ConfigRuleName": name,
            "InputParameters": text(parameters) if parameters is not None else None,
        }
        call(self.api, "PutConfigRule", {"ConfigRule": wanted})
