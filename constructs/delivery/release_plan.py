"""The order in which a release reaches the stacks of a platform."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from configuration import Environment
from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION

FOUNDATION = "Foundation"
BETWEEN_REGIONS = "BetweenRegions"
GLOBAL = "Global"

_ONCE = (Stacks.GLOBAL, Stacks.ZONE, Stacks.EDGE)
_JOINING = (Stacks.PEERING,)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Stacks that are deployed together, in the order of their dependencies."""

    name: str
    stacks: tuple[str, ...]
    region: str | None = None
    """The region that is verified after the deployment; None for what serves nobody by itself."""
    bake_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Units that are deployed at the same time."""

    name: str
    units: tuple[Unit, ...]


def release_waves(environment: Environment, dependencies: Mapping[str, Iterable[str]]) -> tuple[Wave, ...]:
    """The waves of a release: what others wait for, the canary region, the other regions, what joins them, the rest.

    ``dependencies`` holds every stack of the platform by its name, with the names of those it waits for. A wave
    waits for the one before, and units of one wave cannot wait for each other; whatever a stack waits for and
    would come too late is deployed in the first wave, ``FOUNDATION``. Lost regions are left out.

    Raises:
        ValueError: the environment has no delivery section.
    """
    delivery = environment.delivery
    if delivery is None:
        raise ValueError("an environment without a delivery section has no releases")
    home = environment.home.name
    alive = [region.name for region in environment.regions if region.name not in delivery.lost_regions]
    canary = delivery.canary(home=home)
    others = [region for region in alive if region != canary]
    steps = [[FOUNDATION], [canary]]
    steps += [others] if delivery.other_regions == "parallel" else [[region] for region in others]
    steps += [[BETWEEN_REGIONS], [GLOBAL]]

    unit_of = {
        name: unit
        for name, (service, region) in _stacks(environment).items()
        if name in dependencies and region not in delivery.lost_regions
        for unit in [GLOBAL if service in _ONCE else BETWEEN_REGIONS if service in _JOINING else region]
    }
    unit_of = _advanced(unit_of, dependencies, {unit: at for at, units in enumerate(steps) for unit in units})

    bake = dict.fromkeys(others, delivery.bake_minutes) | {canary: delivery.canary_bake_minutes}
    waves = []
    for units in steps:
        filled = tuple(
            Unit(
                name=unit,
                stacks=tuple(name for name in dependencies if unit_of.get(name) == unit),
                region=unit if unit in bake else None,
                bake_minutes=bake.get(unit, 0),
            )
            for unit in units
            if unit in unit_of.values()
        )
        if filled:
            waves.append(Wave(name=_wave_name(units), units=filled))
    return tuple(waves)


def _wave_name(units: Sequence[str]) -> str:
    return units[0] if len(units) == 1 else "OtherRegions"


def _stacks(environment: Environment) -> dict[str, tuple[Stacks, str]]:
    """Every name a stack of the environment can have, with what it says."""
    regions = {GLOBAL_SERVICES_REGION, *(region.name for region in environment.regions)}
    names = environment.names
    return {names.stack(service, region): (service, region) for service in Stacks for region in sorted(regions)}


def _advanced(
    unit_of: Mapping[str, str], dependencies: Mapping[str, Iterable[str]], step_of: Mapping[str, int]
) -> dict[str, str]:
    """The units of the stacks once everything that would come too late has moved to the foundation."""
    found = dict(unit_of)
    while late := {
        awaited
        for name, unit in found.items()
        for awaited in dependencies[name]
        if awaited in found and found[awaited] != unit and step_of[found[awaited]] >= step_of[unit]
    }:
        found |= dict.fromkeys(late, FOUNDATION)
    return found
