"""The alarm gate: what closes it, what does not, and how long it watches."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops.release.alarm_gate import INTERVAL_SECONDS, PATIENCE, alarm_gate
from ops.release.refusal import ReleaseRefusedError
from tests.release.waiting import START, FakeClock

PREFIX = "Acme-test-"


class CloudWatch:
    """Answers like CloudWatch, in pages of one alarm each."""

    def __init__(self, *alarms: dict[str, Any], composites: tuple[dict[str, Any], ...] = ()) -> None:
        self.alarms = list(alarms)
        self.composites = list(composites)
        self.failure: Exception | None = None
        self.looks = 0

    def get_paginator(self, operation: str) -> "CloudWatch":
        assert operation == "describe_alarms"
        return self

    def paginate(self, *, AlarmNamePrefix: str, AlarmTypes: list[str]) -> list[dict[str, Any]]:  # noqa: N803 - the API's
        assert set(AlarmTypes) == {"MetricAlarm", "CompositeAlarm"}
        self.looks += 1
        if self.failure:
            raise self.failure
        found = [alarm for alarm in self.alarms if alarm["AlarmName"].startswith(AlarmNamePrefix)]
        return [{"MetricAlarms": [alarm]} for alarm in found] + [{"CompositeAlarms": self.composites}]


def alarm(name: str = "Acme-test-Errors", state: str = "OK", since: datetime = START) -> dict[str, Any]:
    return {
        "AlarmName": name,
        "StateValue": state,
        "StateReason": "threshold crossed",
        "StateUpdatedTimestamp": since,
        "StateTransitionedTimestamp": since,
    }


def watch(cloudwatch: CloudWatch, clock: FakeClock, *, minutes: int = 10, since: datetime = START) -> list[str]:
    said: list[str] = []
    alarm_gate(cloudwatch, prefix=PREFIX, since=since, bake=timedelta(minutes=minutes), clock=clock, say=said.append)
    return said


def test_quiet_alarms_let_the_release_pass_when_the_time_is_over() -> None:
    clock = FakeClock()
    said = watch(CloudWatch(alarm(), alarm("Acme-test-Latency", "INSUFFICIENT_DATA")), clock)
    assert clock.passed == timedelta(minutes=10)
    assert said[-1] == "2 alarms watched; none began to ring"
    assert len(said) >= 10 * 60 / INTERVAL_SECONDS, "whoever reads along sees that it works"


def test_an_alarm_that_begins_to_ring_closes_the_gate_at_once() -> None:
    clock, errors = FakeClock(), alarm()
    clock.at(4, lambda: errors.update(StateValue="ALARM", StateTransitionedTimestamp=clock.now()))
    with pytest.raises(ReleaseRefusedError, match=r"Acme-test-Errors rings since 12:04:00 UTC: threshold crossed"):
        watch(CloudWatch(errors), clock)
    assert clock.passed == timedelta(minutes=4)


def test_an_alarm_that_rings_since_the_deployment_closes_the_gate_at_the_first_look() -> None:
    clock = FakeClock()
    with pytest.raises(ReleaseRefusedError, match="Acme-test-Errors"):
        watch(CloudWatch(alarm(state="ALARM")), clock, since=START - timedelta(minutes=1))
    assert clock.passed == timedelta()


def test_a_composite_alarm_counts_too() -> None:
    composite = alarm("Acme-test-Region", "ALARM")
    with pytest.raises(ReleaseRefusedError, match="Acme-test-Region"):
        watch(CloudWatch(alarm(), composites=(composite,)), FakeClock())


def test_every_alarm_that_rings_is_named() -> None:
    with pytest.raises(ReleaseRefusedError) as refused:
        watch(CloudWatch(alarm("Acme-test-One", "ALARM"), alarm("Acme-test-Two", "ALARM")), FakeClock())
    assert "Acme-test-One" in str(refused.value)
    assert "Acme-test-Two" in str(refused.value)


def test_an_alarm_that_rang_before_is_told_once_and_not_held_against_the_release() -> None:
    old = alarm(state="ALARM", since=START - timedelta(hours=1))
    said = watch(CloudWatch(old), FakeClock(), minutes=1)
    assert [line for line in said if "not held against it" in line] == [
        "Acme-test-Errors rang before the release began, and is not held against it"
    ]


def test_an_old_alarm_that_stops_and_rings_anew_closes_the_gate() -> None:
    clock, old = FakeClock(), alarm(state="ALARM", since=START - timedelta(hours=1))
    clock.at(2, lambda: old.update(StateValue="OK", StateTransitionedTimestamp=clock.now()))
    clock.at(5, lambda: old.update(StateValue="ALARM", StateTransitionedTimestamp=clock.now()))
    with pytest.raises(ReleaseRefusedError, match="rings since 12:05:00"):
        watch(CloudWatch(old), clock)


def test_an_alarm_whose_reason_was_renewed_is_still_an_old_one() -> None:
    old = alarm(state="ALARM", since=START - timedelta(hours=1))
    old["StateUpdatedTimestamp"] = START + timedelta(minutes=1)
    watch(CloudWatch(old), FakeClock(), minutes=1)


def test_without_a_time_to_bake_one_look_is_taken() -> None:
    clock, cloudwatch = FakeClock(), CloudWatch(alarm())
    watch(cloudwatch, clock, minutes=0)
    assert (cloudwatch.looks, clock.passed) == (1, timedelta())


def test_nothing_to_watch_closes_the_gate() -> None:
    with pytest.raises(ReleaseRefusedError, match="no alarm whose name begins with Acme-test-"):
        watch(CloudWatch(alarm("Other-test-Errors")), FakeClock())


def test_a_cloudwatch_that_fails_for_a_moment_is_asked_again() -> None:
    clock, cloudwatch = FakeClock(), CloudWatch(alarm())
    cloudwatch.failure = EndpointConnectionError(endpoint_url="https://monitoring")
    clock.at(1, lambda: setattr(cloudwatch, "failure", None))
    said = watch(cloudwatch, clock)
    assert any("asked again" in line for line in said)
    assert clock.passed == timedelta(minutes=10)


def test_a_cloudwatch_that_keeps_failing_closes_the_gate_in_time() -> None:
    clock, cloudwatch = FakeClock(), CloudWatch(alarm())
    clock.at(3, lambda: setattr(cloudwatch, "failure", EndpointConnectionError(endpoint_url="https://monitoring")))
    with pytest.raises(ReleaseRefusedError, match="cannot be seen"):
        watch(cloudwatch, clock)
    assert clock.passed <= timedelta(minutes=3) + PATIENCE + timedelta(seconds=INTERVAL_SECONDS)


def test_a_missing_permission_closes_the_gate_without_waiting() -> None:
    clock, cloudwatch = FakeClock(), CloudWatch(alarm())
    cloudwatch.failure = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")
    with pytest.raises(ReleaseRefusedError, match="AccessDenied"):
        watch(cloudwatch, clock)
    assert clock.passed == timedelta()
