"""The relational database: its size, its secret's rotation, and which region's instance is what."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from configuration.section import Section

AUTHORITIES = Path(__file__).resolve().parents[1] / "lambda" / "rotate_secret" / "authorities"
"""For each region that the platform's own rotation function can work in, the certificates of RDS's authorities."""

RegionName = Annotated[str, Field(description="one of the regions of this file")]


class DatabaseRecord(Section):
    """What has become of a region's instance since the platform was first deployed.

    CloudFormation knows what an instance is by its template alone. Where promotions and rebuilds have made it
    something else than the default, the file has to say so, or a later deployment would turn it back.
    """

    region: RegionName
    generation: Annotated[int, Field(ge=1, le=99)] = Field(
        default=1, description="raised to the next number nobody uses when the region's instance is rebuilt as a copy"
    )
    copied_from: RegionName | None = Field(
        default=None, description="the region a rebuilt instance was copied from; the first ones came from home"
    )
    promoted: bool = Field(
        default=False, description="whether the copy was promoted: it stands alone for good, writer or not"
    )


@dataclass(frozen=True, kw_only=True)
class DatabaseInstance:
    """The instance that stands in a region: an instance is identified by region and generation."""

    region: str
    generation: int
    source: tuple[str, int] | None
    """Region and generation of the instance it was copied from; None for the very first."""
    replicates: bool
    """Whether it still follows its source."""


class Database(Section):
    """MySQL on RDS: one instance that is written to, and a copy in every other region."""

    writer_region: RegionName | None = Field(
        default=None,
        description="the region whose instance is written to, home by default; naming another promotes its copy",
    )
    instances: tuple[DatabaseRecord, ...] = Field(
        default=(), description="the regions whose instance has been promoted or rebuilt; see docs/database.md"
    )
    instance_class: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9]+$")] = Field(
        default="m7g.large", description="an instance class without its leading db., such as m7g.large"
    )
    storage_gib: Annotated[int, Field(ge=20, le=65536)] = Field(
        default=100, description="the storage a new instance gets, in GiB"
    )
    storage_limit_gib: Annotated[int, Field(ge=22, le=65536)] = Field(
        default=1000, description="the size up to which the storage grows by itself, in GiB"
    )
    replica_lag_seconds: Annotated[int, Field(ge=60, le=86400)] = Field(
        default=300, description="the lag behind which a copy may fall before an alarm, in seconds"
    )
    rotation: Literal["hosted", "own"] = Field(
        default="hosted", description="which function rotates the secret: the one AWS hosts, or the platform's own"
    )
    rotation_region: RegionName | None = Field(
        default=None, description="the region whose secret is rotated, home by default; see docs/database.md"
    )

    def writer(self, *, home: str) -> str:
        """The region whose instance is written to."""
        return self.writer_region or home

    def record(self, region: str) -> DatabaseRecord:
        """What is written of a region's instance, or the default for it."""
        found = (record for record in self.instances if record.region == region)
        return next(found, DatabaseRecord(region=region))

    def instance(self, region: str, *, home: str) -> DatabaseInstance:
        """The instance that stands in ``region``, where ``home`` is the region of the very first one."""
        record = self.record(region)
        if region == home and record.generation == 1:
            return DatabaseInstance(region=region, generation=1, source=None, replicates=False)
        if record.generation == 1:
            source = (home, 1)
        else:
            source_region = record.copied_from or home
            source = (source_region, self.record(source_region).generation)
        return DatabaseInstance(
            region=region,
            generation=record.generation,
            source=source,
            replicates=not record.promoted and region != self.writer(home=home),
        )
