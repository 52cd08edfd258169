"""How clients are led to a healthy region, and within which time they have to be served by it."""

from typing import Annotated, Literal

from pydantic import Field

from configuration.compute import UrlPath
from configuration.failover.budget import RecordDesign
from configuration.section import Section

Target = Annotated[int, Field(ge=10, le=3600)]


class RtoSeconds(Section):
    """Within how many seconds of a region's loss nobody notices it any more, by the way of asking."""

    app: Target = Field(default=90, description="for who asks the application by its public name")
    api: Target = Field(default=90, description="for who asks the application's dynamic paths through the CDN")
    assets: Target = Field(default=30, description="for who reads static assets through the CDN")


class Routing(Section):
    """The health checks and the records by which Route 53 answers for the application."""

    request_interval: Literal[10, 30] = Field(
        default=10, description="seconds between a health checker's requests, 10 or 30"
    )
    failure_threshold: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3, description="failed requests in a row that make a health checker give a region up, 1 to 10"
    )
    deep_health_path: UrlPath | None = Field(
        default="/health/deep",
        description="what tells whether a region's dependencies work; null where the application has no such path",
    )
    record_design: RecordDesign = Field(
        default=RecordDesign.CNAME,
        description="cname: a TTL of the file's choice; alias: that of load balancers, 60 seconds, and no charge",
    )
    record_ttl: Annotated[int, Field(ge=1, le=300)] = Field(
        default=10, description="seconds for which resolvers may keep an answer, where record_design is cname"
    )
    propagation_allowance: Annotated[int, Field(ge=0, le=300)] = Field(
        default=20, description="seconds granted for the checkers' findings to reach every name server"
    )
    client_hold: Annotated[int, Field(ge=0, le=3600)] = Field(
        default=0, description="seconds for which clients hold an address beyond its TTL"
    )
    rto_seconds: RtoSeconds = Field(
        default=RtoSeconds(), description="what is promised; synthesis refuses to exceed it"
    )
