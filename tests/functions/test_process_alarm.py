"""Alarms become messages in plain words; what is no alarm says why."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platform_runtime.herald import Bulletin, MalformedMessageError, Severity
from process_alarm.alarm import STATES, Alarm
from process_alarm.bulletin import bulletin_about

from tests.functions.documented import ABSENT, mutations, sample, varied

# The message that CloudWatch's console shows as its example, with a whole ARN:
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
DOCUMENTED = sample("cloudwatch_alarm")
REGION = "eu-west-1"
DESCRIPTION = "Objects wait.\nEach was refused.\nSeverity: {}\nRunbook: https://wiki.acme.example/dead-letters.md"


def bulletin(**changes: Any) -> Bulletin:
    return bulletin_about(Alarm.parse(json.dumps(DOCUMENTED | changes), region=REGION))


def test_the_documented_message_is_understood() -> None:
    assert Alarm.parse(varied(DOCUMENTED, "Region", "US East"), region=REGION) == Alarm(
        name="EXAMPLE",
        state="ALARM",
        old_state="INSUFFICIENT_DATA",
        reason=DOCUMENTED["NewStateReason"],
        changed_at="2015-06-03T17:43:27.123+0000",
        region="us-east-1",
        account="123456789012",
        meaning="EXAMPLE",
        severity=Severity.UNKNOWN,
        runbook=None,
        metric="AWS/EC2 NetworkOut (InstanceId: TestInstance)",
    )


def test_a_composite_alarm_without_a_metric_is_understood() -> None:
    message = varied(DOCUMENTED, "Trigger", ABSENT)
    assert Alarm.parse(message, region=REGION).metric is None


def test_the_message_says_what_where_since_when_why_and_what_to_do() -> None:
    told = bulletin(AlarmDescription=DESCRIPTION.format("critical"))
    assert told.text.startswith("Objects wait.\nEach was refused.\n\n")
    for fact in (
        "EXAMPLE is in alarm (was INSUFFICIENT_DATA)",
        "us-east-1, account 123456789012",
        "2015-06-03T17:43:27.123+0000",
        "Threshold Crossed",
        "AWS/EC2 NetworkOut (InstanceId: TestInstance)",
        "critical",
        "https://wiki.acme.example/dead-letters.md",
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/EXAMPLE",
    ):
        assert fact in told.text
    assert told.subject == "[critical] ALARM: EXAMPLE"


@pytest.mark.parametrize(
    ("severity", "old_state", "state", "is_urgent"),
    [
        ("critical", "OK", "ALARM", True),
        ("critical", "INSUFFICIENT_DATA", "ALARM", True),
        ("critical", "ALARM", "OK", True),
        ("critical", "OK", "INSUFFICIENT_DATA", True),
        # After an alarm's creation: nobody was woken, nobody must be told in the night that all is well.
        ("critical", "INSUFFICIENT_DATA", "OK", False),
        ("warning", "OK", "ALARM", False),
        ("warning", "ALARM", "OK", False),
        ("unheard of", "OK", "ALARM", True),
        ("unheard of", "INSUFFICIENT_DATA", "OK", False),
    ],
)
def test_severity_and_state_decide_whether_somebody_is_woken(
    severity: str, old_state: str, state: str, is_urgent: bool
) -> None:
    told = bulletin(AlarmDescription=DESCRIPTION.format(severity), OldStateValue=old_state, NewStateValue=state)
    assert told.is_urgent is is_urgent
    assert told.severity.value == ("unknown" if severity == "unheard of" else severity)


def test_an_alarm_without_a_description_is_urgent_and_of_unknown_severity() -> None:
    told = bulletin(AlarmDescription=None)
    assert (told.severity, told.is_urgent) == (Severity.UNKNOWN, True)
    assert "does not say what it means" in told.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no JSON object"),
        (varied(DOCUMENTED, "AlarmName", ABSENT), "no text 'AlarmName'"),
        (varied(DOCUMENTED, "AlarmName", "  "), "no text 'AlarmName'"),
        (varied(DOCUMENTED, "NewStateValue", 1), "no text 'NewStateValue'"),
        (varied(DOCUMENTED, "NewStateValue", "ON FIRE"), "'ON FIRE' is none of ALARM, OK"),
    ],
)
def test_what_is_no_alarm_is_refused_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(MalformedMessageError, match=reason):
        Alarm.parse(body, region=REGION)


@given(mutations(DOCUMENTED))
def test_no_message_crashes_the_parser_and_every_alarm_can_be_told(body: str) -> None:
    try:
        alarm = Alarm.parse(body, region=REGION)
    except MalformedMessageError as error:
        reason = str(error)
    else:
        reason = alarm.state if alarm.state in STATES and alarm.name in bulletin_about(alarm).text else ""
    assert reason


@given(st.text())
def test_no_description_crashes_the_parser(description: str) -> None:
    told = bulletin(AlarmDescription=description)
    assert told.severity in set(Severity)
