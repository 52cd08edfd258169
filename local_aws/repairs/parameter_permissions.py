"""IAM asks about the parameters that a call names, also where it names several or a path.

MiniStack asks about ``*`` for ``GetParameters``, ``DeleteParameters`` and ``GetParametersByPath``, which no policy
for certain parameters allows. AWS asks about each parameter, or about the path:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions

from local_aws.repairs.rebinding import rebind


def apply() -> None:
    """Repair it."""
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> str:
        arn: str = extract(service, method, path, headers, body, *rest)
        named = _first_name(body) if service == "ssm" and arn == "*" else None
        if named is None:
            return arn
        region, account = rest[1:3]
        return f"arn:aws:ssm:{region}:{account}:parameter/{named.strip('/')}"

    rebind(extract, extract_resource_arn)


def _first_name(body: bytes) -> str | None:
    """The first of the names a call gives, or its path.

    The rest of the names is not asked about: CDK and this platform ask for parameters under one common prefix.
    """
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return None
    name = (asked.get("Names") or [asked.get("Path")])[0]
    return name if isinstance(name, str) else None
