"""``Fn::GetStackOutput`` reads a stack in the region it names.

MiniStack looks for the stack in the region of the one that asks, whatever ``Region`` says. CDK writes this function for
a reference across regions: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
"""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import engine

from local_aws.repairs.rebinding import rebind

_FUNCTION = "Fn::GetStackOutput"


def apply() -> None:
    """Repair it."""
    resolve = engine._resolve_refs

    def resolve_refs(value: Any, *context: Any, **more: Any) -> Any:
        asked = value.get(_FUNCTION) if isinstance(value, dict) else None
        if not isinstance(asked, dict) or "Region" not in asked:
            return resolve(value, *context, **more)
        region = resolve(asked["Region"], *context, **more)
        plain = {key: resolve(part, *context, **more) for key, part in asked.items() if key != "Region"}
        with responses.request_scope(responses.get_account_id(), region):
            return resolve({_FUNCTION: plain}, *context, **more)

    rebind(resolve, resolve_refs)
