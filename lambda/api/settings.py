"""What the function must be told at its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platform_runtime.environment import BUCKET_NAME, REGION, TABLE_NAME, Variables
from platform_runtime.observability import ObservabilitySettings


@dataclass(frozen=True)
class Settings:
    """The function's environment, validated.

    ``raw_buckets`` are those of all regions, this region's first: by them the catalogue knows objects.
    """

    region: str
    raw_buckets: tuple[str, ...]
    processed_bucket: str
    catalogue_table: str
    requests_table: str
    observability: ObservabilitySettings

    @property
    def raw_bucket(self) -> str:
        """Where this region's clients put objects."""
        return self.raw_buckets[0]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables; raises ``InvalidEnvironmentError`` that names all mistakes."""
        variables = Variables(environ)
        settings = cls(
            region=variables.text("AWS_REGION", pattern=REGION, rule="the name of a region"),
            raw_buckets=tuple(
                variables.text(
                    "RAW_BUCKETS", pattern=rf"{BUCKET_NAME}(,{BUCKET_NAME})*", rule="names of buckets, with commas"
                ).split(",")
            ),
            processed_bucket=variables.text("PROCESSED_BUCKET", pattern=BUCKET_NAME, rule="the name of a bucket"),
            catalogue_table=variables.text("CATALOGUE_TABLE", pattern=TABLE_NAME, rule="the name of a table"),
            requests_table=variables.text("REQUESTS_TABLE", pattern=TABLE_NAME, rule="the name of a table"),
            observability=ObservabilitySettings.read(variables),
        )
        variables.verify()
        return settings
