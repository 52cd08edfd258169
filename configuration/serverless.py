"""The functions, the queue they work off and the API before them."""

from typing import Annotated

from pydantic import Field

from configuration.compute import Waf
from configuration.section import Section

Concurrency = Annotated[int, Field(ge=1, le=1000)]


class ReservedConcurrency(Section):
    """How many instances of a function may run, taken out of what the account's other functions may use.

    None reserves nothing, which is right for a new account: its quota may be 10, of which nothing can be reserved.
    """

    process_object: Concurrency | None = Field(default=None, description="of the function that processes objects")
    process_alarm: Concurrency | None = Field(default=None, description="of the function that tells about alarms")
    process_config_change: Concurrency | None = Field(
        default=None, description="of the function that tells about changes of compliance"
    )
    api: Concurrency | None = Field(default=None, description="of the function behind the API")


class CustomDomain(Section):
    """A name of the API below the platform's domain, answered by the nearest region."""

    name: Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=64)] = Field(
        description="the name, such as api.example.com"
    )
    certificates: dict[
        str, Annotated[str, Field(pattern=r"^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-f0-9-]{36}$")]
    ] = Field(description="by region, the ARN of an issued certificate for the name; every region needs its own")


class Api(Section):
    """The API before the data pipeline."""

    requests_per_second: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=100, description="the requests a region answers in a second, all callers together"
    )
    burst: Annotated[int, Field(ge=1, le=5_000)] = Field(
        default=200, description="the requests a region answers at once before the rate applies"
    )
    waf: Waf = Field(default=Waf(), description="the firewall before the API")
    custom_domain: CustomDomain | None = Field(
        default=None, description="a name of its own; without it the API is reached by its default endpoint alone"
    )


class Serverless(Section):
    """The data pipeline of every region."""

    objects_at_once: Annotated[int, Field(ge=2, le=1000)] = Field(
        default=10, description="how many batches of objects are processed at the same time, 2 to 1000"
    )
    reserved_concurrency: ReservedConcurrency = Field(
        default=ReservedConcurrency(), description="the functions' reserved concurrency; none by default"
    )
    api: Api = Field(default=Api(), description="the API")
