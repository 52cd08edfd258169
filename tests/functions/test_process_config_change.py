"""Changes of compliance become messages that say what, where, who, since when."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from platform_runtime.herald import MalformedMessageError
from process_config_change.bulletin import bulletin_about
from process_config_change.change import ComplianceChange
from process_config_change.trail import LastChange, Trail

from tests.functions.documented import ABSENT, mutations, sample, varied

# https://docs.aws.amazon.com/config/latest/developerguide/example-config-rule-compliance-notification.html in the
# envelope of https://docs.aws.amazon.com/config/latest/developerguide/monitor-config-with-cloudwatchevents.html
DOCUMENTED = sample("config_compliance_change")
BY_IDA = LastChange(who="ida", call="StopLogging", at="2016-09-27T19:40:00+00:00")


def with_verdicts(old: str | None, new: str) -> str:
    event = json.loads(varied(DOCUMENTED, "detail/newEvaluationResult/complianceType", new))
    if old is None:
        event["detail"]["oldEvaluationResult"] = None
    else:
        event["detail"]["oldEvaluationResult"]["complianceType"] = old
    return json.dumps(event)


def test_the_documented_event_is_understood() -> None:
    assert ComplianceChange.parse(json.dumps(DOCUMENTED)) == ComplianceChange(
        rule="cloudtrail-enabled",
        resource_type="AWS::::Account",
        resource_id="123456789012",
        region="us-east-2",
        account="123456789012",
        verdict="NON_COMPLIANT",
        old_verdict="COMPLIANT",
        recorded_at="2016-09-27T19:48:41.405Z",
        annotation=None,
    )


def test_the_message_says_what_where_who_and_since_when() -> None:
    body = varied(DOCUMENTED, "detail/newEvaluationResult/annotation", "No trail logs.")
    told = bulletin_about(ComplianceChange.parse(body), BY_IDA)
    for fact in (
        "AWS::::Account 123456789012 breaks the rule cloudtrail-enabled.",
        "COMPLIANT -> NON_COMPLIANT",
        "us-east-2, account 123456789012",
        "ida, by StopLogging at 2016-09-27T19:40:00+00:00",
        "2016-09-27T19:48:41.405Z",
        "No trail logs.",
    ):
        assert fact in told.text
    assert told.subject == "[compliance] cloudtrail-enabled broken: 123456789012"
    assert not told.is_urgent


def test_a_change_by_nobody_known_says_so() -> None:
    assert "not known" in bulletin_about(ComplianceChange.parse(json.dumps(DOCUMENTED)), None).text


@pytest.mark.parametrize(
    ("old", "new", "is_news"),
    [
        ("COMPLIANT", "NON_COMPLIANT", True),
        (None, "NON_COMPLIANT", True),
        ("NOT_APPLICABLE", "NON_COMPLIANT", True),
        ("NON_COMPLIANT", "COMPLIANT", True),
        ("NON_COMPLIANT", "NOT_APPLICABLE", True),
        (None, "COMPLIANT", False),
        ("NOT_APPLICABLE", "COMPLIANT", False),
        ("NON_COMPLIANT", "NON_COMPLIANT", False),
    ],
)
def test_people_hear_when_a_rule_is_broken_and_when_it_is_kept_again(old: str | None, new: str, is_news: bool) -> None:
    change = ComplianceChange.parse(with_verdicts(old, new))
    assert change.is_news is is_news
    assert ("breaks the rule" in bulletin_about(change, None).text) is (new == "NON_COMPLIANT")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not JSON"),
        ("7", "no JSON object"),
        (varied(DOCUMENTED, "source", "aws.s3"), "not about compliance"),
        (varied(DOCUMENTED, "detail-type", "Config Configuration Item Change"), "not about compliance"),
        (varied(DOCUMENTED, "detail", []), "no text 'complianceType'"),
        (varied(DOCUMENTED, "detail/newEvaluationResult/complianceType", "FINE"), "'FINE' is none of"),
        (varied(DOCUMENTED, "detail/configRuleName", ABSENT), "no text 'configRuleName'"),
        (varied(DOCUMENTED, "detail/resourceId", ""), "no text 'resourceId'"),
    ],
)
def test_what_is_no_change_of_compliance_is_refused_with_its_reason(body: str, reason: str) -> None:
    with pytest.raises(MalformedMessageError, match=reason):
        ComplianceChange.parse(body)


@given(mutations(DOCUMENTED))
def test_no_event_crashes_the_parser_and_every_change_can_be_told(body: str) -> None:
    try:
        change = ComplianceChange.parse(body)
    except MalformedMessageError as error:
        reason = str(error)
    else:
        reason = change.rule if change.rule in bulletin_about(change, None).text else ""
    assert reason


def trail_saying(answer: dict[str, Any] | None) -> tuple[LastChange | None, list[str]]:
    client = boto3.client("cloudtrail", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    logged: list[str] = []
    with Stubber(client) as stub:
        if answer is None:
            stub.add_client_error("lookup_events", "ThrottlingException", "Rate exceeded")
        else:
            stub.add_response("lookup_events", answer)
        return Trail(client, log=logged.append).last_change("123456789012"), logged


def test_whoever_wrote_last_changed_it_and_who_only_read_did_not() -> None:
    at = datetime(2016, 9, 27, 19, 40, tzinfo=UTC)
    found, logged = trail_saying(
        {
            "Events": [
                {"EventName": "DescribeTrails", "ReadOnly": "true", "Username": "bo", "EventTime": at},
                {"EventName": "StopLogging", "ReadOnly": "false", "Username": "ida", "EventTime": at},
                {"EventName": "CreateTrail", "ReadOnly": "false", "Username": "eve", "EventTime": at},
            ]
        }
    )
    assert (found, logged) == (BY_IDA, [])


def test_a_trail_that_is_empty_or_fails_names_nobody_and_stops_nothing() -> None:
    assert trail_saying({"Events": []}) == (None, [])
    found, logged = trail_saying(None)
    assert found is None
    assert "Rate exceeded" in logged[0]
