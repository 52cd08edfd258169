"""When the platform calls somebody, and what that person reads first."""

from typing import Annotated

from pydantic import Field

from configuration.section import Section


class Monitoring(Section):
    """The alarms of every region."""

    runbooks_url: Annotated[str, Field(pattern=r"^https://[^\s?#]+[^\s?#/]$", max_length=200)] | None = Field(
        default=None,
        description=(
            "the address below which people on call read docs/runbooks, without a slash at its end; "
            "without it alarms name the file in the repository"
        ),
    )
