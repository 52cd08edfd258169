"""A flow log has the tags it is created with: MiniStack looks for them under another resource type than the API's.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import ec2

_RIGHT, _WRONG = "vpc-flow-log", "flow-log"
_KIND = ".ResourceType"


def apply() -> None:
    """Repair it."""
    actions = ec2._ACTION_MAP
    create = actions["CreateFlowLogs"]

    def create_flow_logs(parameters: dict[str, Any]) -> Any:
        return create({key: _known(key, value) for key, value in parameters.items()})

    actions["CreateFlowLogs"] = create_flow_logs


def _known(key: str, value: Any) -> Any:
    if not (key.startswith("TagSpecification.") and key.endswith(_KIND)):
        return value
    return [_WRONG if one == _RIGHT else one for one in value] if isinstance(value, list) else value
