"""What becomes of resources that break a rule."""

from pydantic import Field

from configuration.section import Section


class Compliance(Section):
    """AWS Config's rules in every region; whether it runs at all is said by ``security.config_recorder``."""

    auto_remediation: bool = Field(
        default=False,
        description=(
            "whether AWS repairs what can be repaired safely: buckets open to the public, unencrypted volumes by "
            "default, default security groups with rules"
        ),
    )
