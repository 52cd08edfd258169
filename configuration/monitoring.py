"""When the platform calls somebody, and what that person reads first."""

from typing import Annotated

from pydantic import Field

from configuration.section import Section


class Objectives(Section):
    """What the clients of a region were promised; the alarms tell how fast the promise is being used up."""

    availability_percent: Annotated[float, Field(ge=95, le=99.99)] = Field(
        default=99.9, description="the share of requests that are answered without a fault of ours, over 30 days"
    )
    latency_seconds: Annotated[float, Field(gt=0, le=60)] = Field(
        default=0.5, description="how fast an answer has to be to count as fast, in seconds"
    )
    latency_percent: Annotated[float, Field(ge=95, le=99.9)] = Field(
        default=99.0, description="the share of answers that are fast, over 30 days"
    )
    minimum_requests: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        default=100, description="with fewer requests in a window its share of failures says nothing and is ignored"
    )


class Monitoring(Section):
    """The alarms and dashboards of every region."""

    runbooks_url: Annotated[str, Field(pattern=r"^https://[^\s?#]+[^\s?#/]$", max_length=200)] | None = Field(
        default=None,
        description=(
            "the address below which people on call read docs/runbooks, without a slash at its end; "
            "without it alarms name the file in the repository"
        ),
    )
    objectives: Objectives = Field(default=Objectives(), description="what the clients of a region were promised")
    bucket_size_gib: Annotated[int, Field(ge=1, le=10_000_000)] = Field(
        default=1024, description="the size above which somebody looks at a bucket, in GiB"
    )
    database_free_storage_gib: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=5, description="the free storage below which somebody is called for the database, in GiB"
    )
    canary: bool = Field(
        default=True, description="whether a function of each region asks the application every minute"
    )
    cost_anomaly_dollars: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None,
        description=(
            "the unexpected cost of a day, in dollars, from which AWS tells the alert topic; null watches no costs. "
            "The account must have activated the tag Environment as a cost allocation tag"
        ),
    )
