"""How long objects live, and how far a region's copies may lag behind."""

from typing import Annotated, Literal

from pydantic import Field

from configuration.section import Section

Days = Annotated[int, Field(ge=1, le=3650)]


class Storage(Section):
    """The buckets of every region."""

    glacier_after_days: Days = Field(default=90, description="when an object moves to Glacier, in days")
    expire_after_days: Days = Field(default=365, description="when an object expires, in days")
    noncurrent_expire_after_days: Days = Field(
        default=90, description="how long a replaced or deleted version can be brought back, in days"
    )
    abort_uploads_after_days: Days = Field(default=7, description="when an upload nobody completed is removed, in days")
    replication_lag_minutes: Annotated[int, Field(ge=15, le=1440)] = Field(
        default=15,
        description="the lag behind which the partner region's copies may fall before an alarm, in minutes from 15",
    )
    catalogue_lag_seconds: Annotated[int, Field(ge=1, le=3600)] = Field(
        default=60, description="the lag behind which another region's catalogue may fall before an alarm, in seconds"
    )
    audit_lock_days: Days = Field(
        default=365, description="how long audit logs can be neither changed nor deleted, where data is retained"
    )
    audit_lock_mode: Literal["governance", "compliance"] = Field(
        default="governance",
        description="governance lets a specially permitted person lift the lock, compliance nobody at all",
    )
