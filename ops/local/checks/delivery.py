"""The pipelines, as they were deployed: one releases, the others stand by, all in the order of the file.

The local AWS records pipelines and runs none of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from configuration import Environment
from configuration.delivery import Delivery
from ops.local.check import Check, CheckFailedError, Context


def checks(environment: Environment) -> Iterator[Check]:
    """One check in each region, where the environment has pipelines."""
    if environment.delivery is not None:
        for region in environment.regions:
            yield PipelineStands(region.name, environment.delivery)


@dataclass(frozen=True)
class PipelineStands:
    """Its source is the file's, its stages are in order, and it starts by itself where it should and nowhere else."""

    region: str
    delivery: Delivery

    @property
    def name(self) -> str:
        """Region and what is expected there."""
        return f"{self.region} the pipeline stands"

    def run(self, context: Context) -> str:
        """Hold the recorded pipeline against the file."""
        environment = context.environment
        found: dict[str, Any] = context.client("codepipeline", self.region).get_pipeline(
            name=environment.names.pipeline
        )["pipeline"]
        stages = [stage["name"] for stage in found["stages"]]
        source = found["stages"][0]["actions"][0]["configuration"]
        given = (source["FullRepositoryId"], source["BranchName"], source["DetectChanges"])
        wanted = (self.delivery.repository, self.delivery.branch, "false")
        if given != wanted:
            raise CheckFailedError(f"the source is {given} instead of {wanted}")
        canary = self.delivery.canary(home=environment.home.name)
        order = ["Source", "Build", "UpdatePipeline", "Assets", canary]
        if [stage for stage in stages if stage in order] != order:
            raise CheckFailedError(f"the stages are {stages}; these should be among them in this order: {order}")
        stores = set(found["artifactStores"])
        if not {region.name for region in environment.regions} <= stores:
            raise CheckFailedError(f"artifacts are kept in {sorted(stores)} alone")
        return f"{len(stages)} stages, {sum(len(stage['actions']) for stage in found['stages'])} actions"
