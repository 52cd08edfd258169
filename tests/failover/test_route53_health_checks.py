"""The documented rules by which Route 53 finds a health check healthy or not.

Documents: ``HEALTH_OF_CHECKS`` and ``CHECK_VALUES`` of ``configuration.failover.documents``; each
test names the section.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.failover.checkers import HealthChecker, Reply, duration, longest_probe, passes, quorum
from ops.failover.health_checks import (
    AlarmCheck,
    AlarmState,
    CalculatedCheck,
    HealthCheck,
    InsufficientData,
    Observations,
    Protocol,
    statuses,
)
from tests.failover.builders import endpoint


def status(check: HealthCheck, *others: HealthCheck, **observed: object) -> bool:
    return statuses({each.id: each for each in (check, *others)}, Observations(**observed))[check.id]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("healthy", "total", "expected"), [(18, 100, False), (19, 100, True), (2, 16, False), (3, 16, True)]
)
def test_an_endpoint_is_healthy_when_more_than_18_percent_of_checkers_say_so(
    healthy: int, total: int, expected: bool
) -> None:
    """HEALTH_OF_CHECKS, checks that monitor an endpoint: "If 18% of health checkers or fewer ... unhealthy"."""
    assert quorum([True] * healthy + [False] * (total - healthy)) is expected


def test_a_checker_changes_its_mind_after_consecutive_requests_both_ways() -> None:
    """CHECK_VALUES, Failure threshold: consecutive checks "that an endpoint must pass or fail"."""
    checker = HealthChecker(threshold=3)
    seen = []
    for passed in (False, False, True, False, False, False, True, True, False, True, True, True):
        checker.observe(passed=passed)
        seen.append(checker.healthy)
    assert seen == [True] * 5 + [False] * 6 + [True]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10))
def test_a_checker_agrees_with_its_last_requests_whenever_these_agree_with_one_another(
    outcomes: list[bool], threshold: int
) -> None:
    checker = HealthChecker(threshold=threshold)
    for passed in outcomes:
        checker.observe(passed=passed)
    last = outcomes[-threshold:]
    if len(last) == threshold and len(set(last)) == 1:
        assert checker.healthy is last[0]
    if all(outcomes):
        assert checker.healthy


@pytest.mark.parametrize(
    ("code", "expected"), [(199, False), (200, True), (302, True), (399, True), (400, False), (503, False)]
)
def test_an_http_endpoint_has_to_answer_with_2xx_or_3xx(code: int, expected: bool) -> None:
    """HEALTH_OF_CHECKS, HTTP and HTTPS health checks."""
    assert passes(endpoint(), Reply(code, 0.1)) is expected


def test_an_http_endpoint_has_two_seconds_to_answer_and_four_to_accept_the_connection() -> None:
    """HEALTH_OF_CHECKS, HTTP and HTTPS health checks."""
    assert passes(endpoint(), Reply(200, 2.0))
    assert not passes(endpoint(), Reply(200, 2.1))
    assert duration(endpoint(), Reply(200, 9.0)) == 2.0
    assert not passes(endpoint(), Reply(None))
    assert duration(endpoint(), Reply(None)) == 4.0
    assert longest_probe(Protocol.HTTPS) == 6.0


def test_a_tcp_endpoint_only_has_to_accept_the_connection_within_ten_seconds() -> None:
    """HEALTH_OF_CHECKS, TCP health checks."""
    check = endpoint(protocol=Protocol.TCP)
    assert passes(check, Reply(500, 30.0))
    assert duration(check, Reply(500, 30.0)) == 0.0
    assert not passes(check, Reply(None))
    assert duration(check, Reply(None)) == longest_probe(Protocol.TCP) == 10.0


@pytest.mark.parametrize(("before", "expected"), [(0, True), (5118, True), (5119, False), (9000, False)])
def test_a_searched_string_has_to_lie_within_the_first_5120_bytes(before: int, expected: bool) -> None:
    """HEALTH_OF_CHECKS, HTTP and HTTPS health checks with string matching."""
    check = endpoint(protocol=Protocol.HTTPS_STR_MATCH, search_string="OK")
    assert passes(check, Reply(200, 0.1, b" " * before + b"OK")) is expected
    assert longest_probe(Protocol.HTTPS_STR_MATCH) == 8.0


def test_a_searched_string_is_case_sensitive() -> None:
    """CHECK_VALUES, Search string: "Route 53 considers case"."""
    check = endpoint(protocol=Protocol.HTTPS_STR_MATCH, search_string="OK")
    assert not passes(check, Reply(200, 0.1, b"ok"))


def test_a_new_check_is_healthy_and_a_new_inverted_one_unhealthy_until_there_is_data() -> None:
    """HEALTH_OF_CHECKS, the last paragraph of each section."""
    assert status(endpoint())
    assert not status(endpoint(inverted=True))
    alarm = AlarmCheck(
        id="alarm", alarm_region="region-b", alarm_name="Lag", insufficient_data=InsufficientData.UNHEALTHY
    )
    assert status(alarm)


@pytest.mark.parametrize("observed", [True, False])
def test_inverting_a_check_reverses_its_status(observed: bool) -> None:
    """CHECK_VALUES, Invert health check status."""
    assert status(endpoint(), endpoints={"check": observed}) is observed
    assert status(endpoint(inverted=True), endpoints={"check": observed}) is not observed


def test_a_disabled_check_is_always_healthy_and_a_disabled_inverted_one_never() -> None:
    """CHECK_VALUES, Disabled: to stop routing traffic to the resource, "change the value of Invert"."""
    assert status(endpoint(disabled=True), endpoints={"check": False})
    assert not status(endpoint(disabled=True, inverted=True), endpoints={"check": True})


@pytest.mark.parametrize(
    ("threshold", "healthy", "expected"),
    [(2, 1, False), (2, 2, True), (3, 2, False), (3, 3, True), (1, 1, True), (1, 0, False)],
)
def test_a_calculated_check_counts_its_healthy_children(threshold: int, healthy: int, expected: bool) -> None:
    """CHECK_VALUES, Report healthy when: at least x of y, all (AND), one or more (OR)."""
    children = [endpoint(f"child-{number}") for number in range(3)]
    parent = CalculatedCheck(id="parent", children=tuple(child.id for child in children), health_threshold=threshold)
    observed = {child.id: number < healthy for number, child in enumerate(children)}
    assert status(parent, *children, endpoints=observed) is expected


def test_a_calculated_check_with_threshold_0_is_always_healthy() -> None:
    """CHECK_VALUES, Report healthy when: "If you specify 0, Route 53 always considers this ... healthy"."""
    child = endpoint("child")
    parent = CalculatedCheck(id="parent", children=("child",), health_threshold=0)
    assert status(parent, child, endpoints={"child": False})


def test_a_calculated_check_with_a_threshold_above_its_children_is_never_healthy() -> None:
    """CHECK_VALUES, Report healthy when: "a number greater than the number of health checks"."""
    child = endpoint("child")
    parent = CalculatedCheck(id="parent", children=("child",), health_threshold=2)
    assert not status(parent, child, endpoints={"child": True})


def test_a_calculated_check_counts_a_disabled_child_as_healthy() -> None:
    """CHECK_VALUES, Health checks to monitor, on disabled ones."""
    parent = CalculatedCheck(id="parent", children=("child",), health_threshold=1)
    assert status(parent, endpoint("child", disabled=True), endpoints={"child": False})
    assert not status(parent, endpoint("child", disabled=True, inverted=True))


def test_a_calculated_check_counts_an_inverted_child_by_its_inverted_status() -> None:
    """CHECK_VALUES, Invert health check status: other checks see the inverted status too."""
    parent = CalculatedCheck(id="parent", children=("child",), health_threshold=1)
    assert status(parent, endpoint("child", inverted=True), endpoints={"child": False})
    inverted = CalculatedCheck(id="parent", children=("child",), health_threshold=1, inverted=True)
    assert not status(inverted, endpoint("child"), endpoints={"child": True})


@pytest.mark.parametrize(("state", "expected"), [(AlarmState.OK, True), (AlarmState.ALARM, False)])
def test_an_alarms_check_follows_the_alarm_of_the_region_it_names(state: AlarmState, expected: bool) -> None:
    """HEALTH_OF_CHECKS, checks that monitor CloudWatch alarms; the alarm may be in any region."""
    check = AlarmCheck(
        id="alarm", alarm_region="region-b", alarm_name="Lag", insufficient_data=InsufficientData.HEALTHY
    )
    elsewhere = {("region-a", "Lag"): AlarmState.ALARM if expected else AlarmState.OK}
    assert status(check, alarms={("region-b", "Lag"): state} | elsewhere) is expected


@pytest.mark.parametrize(
    ("setting", "last_known", "expected"),
    [
        (InsufficientData.HEALTHY, False, True),
        (InsufficientData.UNHEALTHY, True, False),
        (InsufficientData.LAST_KNOWN_STATUS, True, True),
        (InsufficientData.LAST_KNOWN_STATUS, False, False),
        (InsufficientData.LAST_KNOWN_STATUS, None, True),
    ],
)
def test_an_alarm_with_insufficient_data_takes_the_configured_status(
    setting: InsufficientData, last_known: bool | None, expected: bool
) -> None:
    """CHECK_VALUES, Health check status: without a last known status "the default ... is healthy"."""
    check = AlarmCheck(id="alarm", alarm_region="region-a", alarm_name="Lag", insufficient_data=setting)
    known = {} if last_known is None else {"alarm": last_known}
    observed = {("region-a", "Lag"): AlarmState.INSUFFICIENT_DATA}
    assert status(check, alarms=observed, last_known=known) is expected
