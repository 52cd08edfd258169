"""IAM asks about the backup vault or the recovery point that a call's path names.

MiniStack looks for the vault in the body, and asks about ``*`` for every call that has it in its path:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from ministack.core import iam_actions

from local_aws.repairs.rebinding import rebind

# A recovery point is named by its ARN, which may have slashes of its own.
_VAULT = re.compile(
    r"^/backup-vaults/(?P<vault>[^/]+)"
    r"(?:/recovery-points/(?P<point>arn.+?)(?:/(?:disassociate|index|parentAssociation|restore-metadata))?/?$)?"
)


def apply() -> None:
    """Repair it."""
    extract = iam_actions.extract_resource_arn

    def extract_resource_arn(
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, *rest: Any
    ) -> str:
        arn: str = extract(service, method, path, headers, body, *rest)
        named = _VAULT.match(path) if service == "backup" and arn == "*" else None
        if named is None:
            return arn
        region, account = rest[1:3]
        point = unquote(named["point"] or "")
        return point or f"arn:aws:backup:{region}:{account}:backup-vault:{unquote(named['vault'])}"

    rebind(extract, extract_resource_arn)
