"""Who hears what the platform says."""

from typing import Annotated, Literal

from pydantic import Field

from configuration.section import Section

ENDPOINTS = {
    "email": (r"[^\s@]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", "an address such as oncall@example.com"),
    "https": (r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?", "an address that begins with https://"),
    "sqs": (r"arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}", "the ARN of a standard queue"),
}
"""What an endpoint looks like for each protocol, as a pattern and in words."""


class Subscription(Section):
    """One subscriber of a topic, in every region."""

    topic: Literal["alerts", "notifications"] = Field(
        description="alerts wake somebody, notifications are read in the morning"
    )
    protocol: Literal["email", "https", "sqs"] = Field(
        description="how it is told; an email address and an https endpoint have to confirm once in every region"
    )
    endpoint: Annotated[str, Field(min_length=1, max_length=2048)] = Field(
        description="an email address, an address that begins with https://, or the ARN of a queue"
    )
