"""Route 53's health checks: what each kind is, and what its status is, given what was observed.

The rules are those of "How Amazon Route 53 determines whether a health check is healthy" and "Values that you
specify when you create or update health checks" (see ``configuration.failover.documents``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Protocol(StrEnum):
    """How an endpoint is checked; the values are CloudFormation's."""

    HTTP = "HTTP"
    HTTPS = "HTTPS"
    HTTP_STR_MATCH = "HTTP_STR_MATCH"
    HTTPS_STR_MATCH = "HTTPS_STR_MATCH"
    TCP = "TCP"


class AlarmState(StrEnum):
    """What the data stream of a CloudWatch alarm says."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class InsufficientData(StrEnum):
    """The status of an alarm's check while the alarm has too little data; the values are CloudFormation's."""

    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    LAST_KNOWN_STATUS = "LastKnownStatus"


@dataclass(frozen=True, kw_only=True)
class EndpointCheck:
    """Checks an endpoint, given by the domain name or address in ``host``, from many locations.

    ``request_interval`` is in seconds, 10 or 30; ``failure_threshold`` is 1 to 10 consecutive requests.
    """

    id: str
    protocol: Protocol
    host: str
    path: str = "/"
    port: int = 443
    search_string: str | None = None
    request_interval: int = 30
    failure_threshold: int = 3
    inverted: bool = False
    disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class CalculatedCheck:
    """Healthy while at least ``health_threshold`` of its children are healthy."""

    id: str
    children: tuple[str, ...]
    health_threshold: int
    inverted: bool = False
    disabled: bool = False


@dataclass(frozen=True, kw_only=True)
class AlarmCheck:
    """Follows the data stream of a CloudWatch alarm, which may be in any region."""

    id: str
    alarm_region: str
    alarm_name: str
    insufficient_data: InsufficientData
    inverted: bool = False
    disabled: bool = False


HealthCheck = EndpointCheck | CalculatedCheck | AlarmCheck


@dataclass(frozen=True, kw_only=True)
class Observations:
    """What Route 53 has seen so far. What is missing has not been observed yet."""

    endpoints: Mapping[str, bool] = field(default_factory=dict)
    """Whether the checkers found an endpoint healthy, by the id of the check, before any inversion."""
    alarms: Mapping[tuple[str, str], AlarmState] = field(default_factory=dict)
    """The alarms' states, by region and name."""
    last_known: Mapping[str, bool] = field(default_factory=dict)
    """The last status an alarm had enough data for, by the id of the check, before any inversion."""


def statuses(checks: Mapping[str, HealthCheck], observed: Observations) -> dict[str, bool]:
    """The status of every check: True is healthy. Children of calculated checks must be among ``checks``."""
    return {id_: _status(check, checks, observed) for id_, check in checks.items()}


def _status(check: HealthCheck, checks: Mapping[str, HealthCheck], observed: Observations) -> bool:
    # A disabled check counts as healthy, and inverting it is the documented way to make it unhealthy.
    measured = True if check.disabled else _measured(check, checks, observed)
    return measured is not check.inverted


def _measured(check: HealthCheck, checks: Mapping[str, HealthCheck], observed: Observations) -> bool:
    if isinstance(check, EndpointCheck):
        # Healthy until there is enough data, which makes an inverted check start as unhealthy.
        return observed.endpoints.get(check.id, True)
    if isinstance(check, AlarmCheck):
        return _alarm(check, observed)
    healthy = sum(_status(checks[child], checks, observed) for child in check.children)
    return healthy >= check.health_threshold


def _alarm(check: AlarmCheck, observed: Observations) -> bool:
    state = observed.alarms.get((check.alarm_region, check.alarm_name))
    if state is None:
        return True
    if state is not AlarmState.INSUFFICIENT_DATA:
        return state is AlarmState.OK
    if check.insufficient_data is InsufficientData.LAST_KNOWN_STATUS:
        return observed.last_known.get(check.id, True)
    return check.insufficient_data is InsufficientData.HEALTHY
