"""How releases reach the regions: the repository, the order of the regions, and what a release has to pass."""

from typing import Annotated, Literal

from pydantic import Field

from configuration.section import Section

RegionName = Annotated[str, Field(description="one of the regions of this file")]
# CodePipeline takes eight patterns of each kind, up to 255 characters each:
# https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GitFilePathFilterCriteria.html
PathPattern = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.*?{},/-]+$", max_length=255)]
PathPatterns = Annotated[tuple[PathPattern, ...], Field(max_length=8)]
ConnectionArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]{36}$",
    ),
]


class Paths(Section):
    """Which changes are worth a release, as patterns over the repository's paths."""

    include: PathPatterns = Field(default=(), description="a release starts when one of these changed; none: any path")
    exclude: PathPatterns = Field(
        default=("docs/**", "**/*.md", ".github/**"), description="changes of these alone start no release"
    )


class Delivery(Section):
    """The pipelines: one in every region, of which a single one releases."""

    repository: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$", max_length=255)] = Field(
        description="the repository, owner/name"
    )
    branch: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./-]+$", max_length=255)] = Field(
        default="main", description="the branch that is released"
    )
    paths: Paths = Field(default=Paths(), description="which changes start a release")
    connections: tuple[ConnectionArn, ...] = Field(
        default=(),
        description="the ARNs of connections to the repository that exist already, one for each region; where none is "
        "given the platform makes one, which somebody has to authorise once; see docs/delivery.md",
    )
    active_region: RegionName | None = Field(
        default=None, description="the region whose pipeline releases, home by default; the others stand by"
    )
    lost_regions: tuple[RegionName, ...] = Field(
        default=(), description="regions that releases leave out for as long as they are lost"
    )
    canary_region: RegionName | None = Field(
        default=None, description="the region that gets a release first, home by default"
    )
    other_regions: Literal["parallel", "sequential"] = Field(
        default="parallel", description="whether the other regions follow all at once or one by one, in file order"
    )
    canary_bake_minutes: Annotated[int, Field(ge=0, le=240)] = Field(
        default=15, description="how long the canary region's alarms are watched before the others follow, in minutes"
    )
    bake_minutes: Annotated[int, Field(ge=0, le=240)] = Field(
        default=5, description="how long the alarms of each other region are watched, in minutes"
    )
    approval: Literal["none", "required"] = Field(
        default="none", description="whether a person approves a release, with what it changes before their eyes"
    )

    def active(self, *, home: str) -> str:
        """The region whose pipeline releases."""
        return self.active_region or home

    def canary(self, *, home: str) -> str:
        """The region that gets a release first."""
        return self.canary_region or home

    def connection_in(self, region: str) -> str | None:
        """The ARN of a region's connection, or None where the platform makes one."""
        found = (arn for arn in self.connections if arn.split(":")[3] == region)
        return next(found, None)
