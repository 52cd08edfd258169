"""What is shown of the deployed platform, area by area.

An area is a module with a function ``checks(environment)`` that yields its checks; it is listed here.
"""

from collections.abc import Callable, Iterable

from configuration import Environment
from ops.local.check import Check
from ops.local.checks import pipeline

AREAS: tuple[Callable[[Environment], Iterable[Check]], ...] = (pipeline.checks,)


def checks_for(environment: Environment) -> list[Check]:
    """Every check of every area, for the regions of one environment."""
    return [check for area in AREAS for check in area(environment)]
