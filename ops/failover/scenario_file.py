"""Reads a scenario from a YAML file."""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ops.failover.scenario import Action, Criterion, Event, Scenario, Watch

Seconds = Annotated[float, Field(ge=0, le=3600)]


class ScenarioError(Exception):
    """A scenario file that cannot be used. Its text is meant for the person who wrote it."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Event(_Section):
    at: Seconds
    action: Action
    regions: tuple[str, ...] = Field(min_length=1)
    delay: Seconds = 0.0
    paths: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _delay_and_paths_fit(self) -> Self:
        if bool(self.delay) is not (self.action is Action.SLOW):
            raise ValueError(f"delay belongs to {Action.SLOW!r}, which needs it, and to no other action")
        if bool(self.paths) is not (self.action is Action.SICKEN):
            raise ValueError(f"paths belong to {Action.SICKEN!r}, which needs them, and to no other action")
        return self


class _Watch(_Section):
    criterion: Criterion
    start: Seconds
    end: Seconds
    regions: tuple[str, ...] = ()
    at_most: int = Field(default=0, ge=0)


class _File(_Section):
    name: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
    title: str
    duration: Annotated[float, Field(gt=0, le=3600)]
    events: tuple[_Event, ...]
    watches: tuple[_Watch, ...] = Field(min_length=1)


def load_scenario(path: Path, *, regions: tuple[str, ...], switches: frozenset[str]) -> Scenario:
    """Read a scenario for a platform with these regions, of which those in ``switches`` have an operator's switch.

    Raises:
        ScenarioError: the file cannot be read, or anything in it is wrong; all mistakes together.
    """
    try:
        read = _File.model_validate(yaml.safe_load(path.read_text()))
    except OSError as error:
        raise ScenarioError(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: is no YAML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(map(str, problem['loc'])) or 'the file'}: {problem['input']!r}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise ScenarioError("\n  ".join([f"{path}:", *lines])) from error
    problems = _misfits(read, regions, switches)
    if problems:
        raise ScenarioError("\n  ".join([f"{path}:", *problems]))
    return Scenario(
        name=read.name,
        title=read.title,
        duration=read.duration,
        events=tuple(Event(**event.model_dump()) for event in read.events),
        watches=tuple(Watch(**watch.model_dump()) for watch in read.watches),
    )


def _misfits(read: _File, regions: tuple[str, ...], switches: frozenset[str]) -> list[str]:
    problems = []
    places = [(f"events.{index}.regions", event.regions) for index, event in enumerate(read.events)]
    places += [(f"watches.{index}.regions", watch.regions) for index, watch in enumerate(read.watches)]
    for place, named in places:
        problems += [
            f"{place}: {region!r}: is none of the regions: {', '.join(regions)}"
            for region in named
            if region not in regions
        ]
    for index, event in enumerate(read.events):
        if event.action in {Action.SWITCH_OUT, Action.SWITCH_IN}:
            problems += [
                f"events.{index}.regions: {region!r}: has no operator's switch"
                for region in event.regions
                if region in regions and region not in switches
            ]
        if event.at >= read.duration:
            problems.append(f"events.{index}.at: {event.at:g}: is not before the end, duration: {read.duration:g}")
    for index, watch in enumerate(read.watches):
        if not watch.start < watch.end <= read.duration:
            problems.append(
                f"watches.{index}.end: {watch.end:g}: must be after its start {watch.start:g} and not after the "
                f"duration {read.duration:g}"
            )
        about_regions = {
            Criterion.DETECTED,
            Criterion.WITHDRAWN,
            Criterion.DRAINED,
            Criterion.RETURNED,
            Criterion.STEADY,
        }
        if watch.criterion in about_regions and not watch.regions:
            problems.append(f"watches.{index}.regions: is empty, and {watch.criterion.value!r} is about regions")
    return problems
