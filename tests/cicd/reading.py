"""Reads a synthesised pipeline as plain values."""

import json
from dataclasses import dataclass
from typing import Any

import yaml

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import text

REPOSITORY = "acme/platform"


def released(*, regions: int = 3, values: dict[str, Any] | None = None, **delivery: Any) -> Assembly:
    """An environment with the given settings of delivery; ``values`` replace other keys of its file."""
    return synthesise(environment(regions=regions, delivery={"repository": REPOSITORY, **delivery}, **(values or {})))


@dataclass(frozen=True)
class Action:
    """An action of a pipeline."""

    name: str
    provider: str
    order: int
    region: str | None
    configuration: dict[str, Any]
    role: str

    @property
    def stack(self) -> str:
        """The stack it deploys."""
        return str(self.configuration["StackName"])

    @property
    def template(self) -> str:
        """The template it deploys, as a path in the assembly."""
        return str(self.configuration["TemplatePath"]).partition("::")[2]


@dataclass(frozen=True)
class Stage:
    """A stage of a pipeline."""

    name: str
    actions: tuple[Action, ...]
    on_failure: str | None

    @property
    def deployments(self) -> tuple[Action, ...]:
        """The actions that deploy a stack."""
        return tuple(action for action in self.actions if action.provider == "CloudFormation")

    def action(self, name: str) -> Action:
        """The action of a name."""
        return next(action for action in self.actions if action.name == name)


@dataclass(frozen=True)
class Pipeline:
    """The pipeline of a region."""

    stack: StackTemplate
    properties: dict[str, Any]
    stages: tuple[Stage, ...]

    @property
    def names(self) -> list[str]:
        """The names of the stages."""
        return [stage.name for stage in self.stages]

    def stage(self, name: str) -> Stage:
        """The stage of a name."""
        return next(stage for stage in self.stages if stage.name == name)

    @property
    def deploying(self) -> list[Stage]:
        """The stages that deploy something."""
        return [stage for stage in self.stages if stage.deployments]

    def project(self, action: Action) -> dict[str, Any]:
        """The properties of an action's build."""
        properties: dict[str, Any] = self.stack.resources[action.configuration["ProjectName"]["Ref"]]["Properties"]
        return properties

    def buildspec(self, action: Action) -> dict[str, Any]:
        """An action's buildspec."""
        source = text(self.project(action)["Source"]["BuildSpec"])
        loaded: dict[str, Any] = yaml.safe_load(source)
        return loaded

    def commands(self, action: Action) -> list[str]:
        """What an action runs, in order."""
        phases = self.buildspec(action)["phases"]
        return [command for phase in phases.values() for command in phase.get("commands", ())]


def pipeline_of(assembly: Assembly, region: str | None = None) -> Pipeline:
    """The pipeline of a region, the home region by default."""
    stack = assembly.stack(Stacks.CICD, region)
    (properties,) = stack.properties("AWS::CodePipeline::Pipeline")
    stages = tuple(
        Stage(
            name=stage["Name"],
            on_failure=stage.get("OnFailure", {}).get("Result"),
            actions=tuple(
                Action(
                    name=action["Name"],
                    provider=action["ActionTypeId"]["Provider"],
                    order=action["RunOrder"],
                    region=action.get("Region"),
                    configuration=action.get("Configuration", {}),
                    role=json.dumps(action.get("RoleArn")),
                )
                for action in stage["Actions"]
            ),
        )
        for stage in properties["Stages"]
    )
    return Pipeline(stack, properties, stages)
