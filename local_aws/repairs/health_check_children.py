"""A calculated health check knows its children, and an inverted one that it is inverted.

MiniStack looks for a child's id below the element that is the id, and so keeps empty texts; the list of regions in
which checkers stand is lost the same way. It writes truth values as Python does, which clients read as false:
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
"""

from __future__ import annotations

from typing import Any

from ministack.services import route53

_LISTS = ("ChildHealthChecks", "Regions")
_TRUTHS = ("MeasureLatency", "EnableSNI", "Inverted", "Disabled")


def apply() -> None:
    """Repair it."""
    parse = route53._parse_health_check_config

    def parse_with_lists(element: Any) -> dict[str, Any]:
        config: dict[str, Any] = parse(element)
        for name in _LISTS:
            if name in config:
                config[name] = [(item.text or "").strip() for item in route53._find(element, name)]
        for name in _TRUTHS:
            if name in config:
                config[name] = str(config[name]).lower()
        return config

    route53._parse_health_check_config = parse_with_lists
