"""The functions, the queue they work off and the API before them."""

from typing import Annotated

from pydantic import Field

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


class Serverless(Section):
    """The data pipeline of every region."""

    objects_at_once: Annotated[int, Field(ge=2, le=1000)] = Field(
        default=10, description="how many batches of objects are processed at the same time, 2 to 1000"
    )
    reserved_concurrency: ReservedConcurrency = Field(
        default=ReservedConcurrency(), description="the functions' reserved concurrency; none by default"
    )
