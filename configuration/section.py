"""What every part of an environment file has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A part of the file: immutable, strict, and closed to unknown keys."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
