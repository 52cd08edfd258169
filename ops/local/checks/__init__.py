"""What is shown of the deployed platform, area by area: by `make local` and, with IAM enforced, by `make test`.

An area is a module in this folder with one function; it is found by being here, nothing lists it:

    def checks(environment: Environment) -> Iterator[Check]:
        for region in environment.regions:
            yield QueueIsEncrypted(region.name)

    @dataclass(frozen=True)
    class QueueIsEncrypted:
        region: str

        @property
        def name(self) -> str:
            return f"{self.region} queue is encrypted"

        def run(self, context: Context) -> str:
            found = context.client("sqs", self.region).get_queue_attributes(...)
            if not found["Attributes"].get("KmsMasterKeyId"):
                raise CheckFailedError(f"the queue has no key: {found}")
            return "with the region's key"

A check uses the platform as somebody outside would, through clients of :class:`ops.local.check.Context`, which waits
(``until``) and shares what several checks need once (``shared``). All run at the same time on one platform that may
have been used before: names of their own, no order, nothing left behind. What the local AWS only records
(docs/local-aws.md) is no matter for a check, but for an assertion about the template.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterable

from configuration import Environment
from ops.local.check import Check

Area = Callable[[Environment], Iterable[Check]]


def areas() -> dict[str, Area]:
    """The areas by their modules' names.

    Raises:
        TypeError: a module of this folder has no function ``checks``.
    """
    found: dict[str, Area] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        checks = getattr(importlib.import_module(f"{__name__}.{module.name}"), "checks", None)
        if not callable(checks):
            raise TypeError(f"ops/local/checks/{module.name}.py has no function checks(environment)")
        found[module.name] = checks
    return found


def checks_for(environment: Environment) -> list[Check]:
    """Every check of every area, for the regions of one environment."""
    return [check for checks in areas().values() for check in checks(environment)]
