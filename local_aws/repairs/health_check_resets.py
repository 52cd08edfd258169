"""An update of a health check can take a setting away: MiniStack does not read ``ResetElements``.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import route53

_ELEMENT = re.compile(rb"<ResettableElementName>(\w+)</ResettableElementName>")


def apply() -> None:
    """Repair it."""
    update = route53._update_health_check

    def update_health_check(identifier: str, body: bytes) -> Any:
        check = route53._health_checks.get(identifier)
        for name in _ELEMENT.findall(body) if check else ():
            check["config"].pop(name.decode(), None)
        return update(identifier, body)

    route53._update_health_check = update_health_check
