"""What watches over the account, and who runs it."""

from typing import Literal

from pydantic import Field

from configuration.section import Section

Mode = Literal["off", "create", "existing"]
"""How the platform treats what an account can have only once in a region.

``off`` leaves it alone, ``create`` makes it (and fails to deploy where it exists already), ``existing`` relies on
what an organisation or another application runs and hears of its findings all the same.
"""


def _mode(default: Mode, what: str) -> Mode:
    mode: Mode = Field(default=default, description=f"{what}: off, create, or existing where somebody else runs it")
    return mode


class Security(Section):
    """The services that record and watch the account, in every region of the environment."""

    permissions_boundary: bool = Field(
        default=True,
        description=(
            "whether every role bears the permissions boundary that `python -m ops.bootstrap_policy` writes; the "
            "policy has to exist in the account before the first deployment"
        ),
    )
    cloud_trail: Literal["off", "create"] = Field(
        default="create", description="the trail of all regions, which stands in the home region: off or create"
    )
    config_recorder: Literal["create", "existing"] = Field(
        default="create",
        description="AWS Config's recorder and delivery channel: create, or existing where somebody else runs them",
    )
    guard_duty: Mode = _mode("off", "GuardDuty, which looks for intruders")
    security_hub: Mode = _mode("off", "Security Hub with the CIS and AWS standards")
    inspector: Mode = _mode("off", "Inspector, which looks for vulnerabilities of instances, images and functions")
    macie: Mode = _mode("off", "Macie, which looks for sensitive data in buckets")
    access_analyzer: Mode = _mode("off", "IAM Access Analyzer, which finds what strangers may use")
    api_gateway_account: Mode = _mode("create", "the role by which API Gateway writes logs")
