"""How long recovery points are kept."""

from typing import Annotated

from pydantic import Field

from configuration.section import Section

Days = Annotated[int, Field(ge=1, le=3650)]


class Backup(Section):
    """The backup plan of every region; a copy in the partner region lives as long as its original."""

    daily_retention_days: Days = Field(default=35, description="how long a day's recovery points are kept, in days")
    weekly_retention_days: Days | None = Field(
        default=90, description="how long a week's recovery points are kept, in days; null takes none"
    )
    monthly_retention_days: Days | None = Field(
        default=365, description="how long a month's recovery points are kept, in days; null takes none"
    )
    restore_tests: bool = Field(default=True, description="whether restores are rehearsed every week")
    lock_final_after_days: Annotated[int, Field(ge=3, le=365)] | None = Field(
        default=None,
        description="after how many days, at least 3, the vault's lock can never be lifted again; null: it can be",
    )

    @property
    def retentions(self) -> tuple[int, ...]:
        """The retention in days of every rule of the plan."""
        chosen = (self.daily_retention_days, self.weekly_retention_days, self.monthly_retention_days)
        return tuple(days for days in chosen if days is not None)
