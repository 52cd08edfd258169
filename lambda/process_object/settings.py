"""What the function must be told at its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from platform_runtime.environment import BUCKET_NAME, EVENT_SOURCE, REGION, TABLE_NAME, Variables
from platform_runtime.observability import ObservabilitySettings


@dataclass(frozen=True)
class Settings:
    """The function's environment, validated.

    ``max_receive_count`` is how often the queue delivers a message before it moves it to the dead-letter queue.
    """

    region: str
    processed_bucket: str
    catalogue_table: str
    event_source: str
    max_receive_count: int
    observability: ObservabilitySettings

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Settings:
        """Read the variables; raises ``InvalidEnvironmentError`` that names all mistakes."""
        variables = Variables(environ)
        settings = cls(
            region=variables.text("AWS_REGION", pattern=REGION, rule="the name of a region"),
            processed_bucket=variables.text("PROCESSED_BUCKET", pattern=BUCKET_NAME, rule="the name of a bucket"),
            catalogue_table=variables.text("CATALOGUE_TABLE", pattern=TABLE_NAME, rule="the name of a table"),
            event_source=variables.text(
                "EVENT_SOURCE", pattern=EVENT_SOURCE, rule="an event source that is not one of AWS's own"
            ),
            max_receive_count=variables.whole_number("MAX_RECEIVE_COUNT", at_least=1, at_most=1000),
            observability=ObservabilitySettings.read(variables),
        )
        variables.verify()
        return settings
