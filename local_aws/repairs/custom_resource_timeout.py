"""A custom resource whose handler never answers fails in minutes.

CloudFormation waits an hour, and MiniStack with it; on a laptop such a handler has failed at its start. A template's
own ``ServiceTimeout`` holds as it is, and the handler sees the properties as they are written:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-customresource.html
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import custom_resource


class _WithDefault(dict[str, Any]):
    """Properties that answer a question about their timeout without having one."""

    def __init__(self, properties: dict[str, Any], seconds: int) -> None:
        super().__init__(properties)
        self._seconds = seconds

    def get(self, key: str, default: Any = None) -> Any:
        return super().get(key, self._seconds if key == "ServiceTimeout" else default)


def apply(seconds: int) -> None:
    """Repair it; ``seconds`` is how long a custom resource without a timeout of its own may take."""
    invoke = custom_resource.invoke_custom_resource

    def invoke_custom_resource(
        request_type: str, logical_id: str, props: dict[str, Any], *rest: Any, **more: Any
    ) -> tuple[str, dict[str, Any]]:
        answer: tuple[str, dict[str, Any]] = invoke(
            request_type, logical_id, _WithDefault(props, seconds), *rest, **more
        )
        return answer

    custom_resource.invoke_custom_resource = invoke_custom_resource
