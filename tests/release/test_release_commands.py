"""The commands as the pipeline runs them, against the local AWS: exit codes, messages, mistakes in arguments."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from local_aws.process import LocalAws
from tests.synthesis import PROJECT

REGION = "us-west-2"


def run(aws: LocalAws | None, *words: str) -> subprocess.CompletedProcess[str]:
    environment = aws.environment(REGION) if aws else {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-m", "ops.release", *words],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def prefix(aws: LocalAws) -> Iterator[str]:
    """The names of a test of its own, with two alarms that keep quiet."""
    prefix = f"Acme-{uuid.uuid4().hex[:8]}-"
    cloudwatch = aws.client("cloudwatch", REGION)
    names = [f"{prefix}Errors", f"{prefix}Latency"]
    for name in names:
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Tests",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            TreatMissingData="notBreaching",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="a test")
    yield prefix
    cloudwatch.delete_alarms(AlarmNames=names)


def gate(aws: LocalAws, prefix: str, *, since: datetime) -> subprocess.CompletedProcess[str]:
    words = ("--region", REGION, "--prefix", prefix, "--since", since.isoformat(timespec="seconds"), "--minutes", "0")
    return run(aws, "alarm-gate", *words)


def an_hour_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def test_quiet_alarms_let_a_release_pass(aws: LocalAws, prefix: str) -> None:
    outcome = gate(aws, prefix, since=an_hour_ago())
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "2 alarms watched; none began to ring" in outcome.stdout


def test_an_alarm_stops_the_release_and_is_named(aws: LocalAws, prefix: str) -> None:
    aws.client("cloudwatch", REGION).set_alarm_state(
        AlarmName=f"{prefix}Errors", StateValue="ALARM", StateReason="too many errors"
    )
    outcome = gate(aws, prefix, since=an_hour_ago())
    assert outcome.returncode == 1
    assert f"{prefix}Errors rings since" in outcome.stderr
    assert "too many errors" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_an_alarm_of_before_the_release_does_not_stop_it(aws: LocalAws, prefix: str) -> None:
    aws.client("cloudwatch", REGION).set_alarm_state(
        AlarmName=f"{prefix}Errors", StateValue="ALARM", StateReason="too many errors"
    )
    outcome = gate(aws, prefix, since=datetime.now(UTC) + timedelta(minutes=1))
    assert outcome.returncode == 0
    assert "not held against it" in outcome.stdout


def test_a_region_without_alarms_stops_the_release(aws: LocalAws) -> None:
    outcome = gate(aws, "Acme-nothing-", since=an_hour_ago())
    assert outcome.returncode == 1
    assert "no alarm whose name begins with Acme-nothing-" in outcome.stderr


def test_stacks_are_found_ready_and_then_protected(aws: LocalAws) -> None:
    name = f"Acme-{uuid.uuid4().hex[:8]}-"
    cloudformation = aws.client("cloudformation", REGION)
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    cloudformation.create_stack(StackName=f"{name}Topics", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=f"{name}Topics", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )
    ready = run(aws, "ready", "--region", REGION, "--prefix", name)
    assert (ready.returncode, ready.stdout) == (0, "1 stacks can be updated\n"), ready.stderr
    protected = run(aws, "protect", "--regions", f"us-east-1,{REGION}", "--prefix", name)
    assert protected.returncode == 0, protected.stderr
    assert protected.stdout.splitlines() == [
        "us-east-1:",
        "0 stacks are protected from deletion",
        f"{REGION}:",
        "1 stacks are protected from deletion",
    ]


def test_a_name_that_leads_nowhere_stops_the_release_in_time() -> None:
    outcome = run(None, "smoke-test", "--url", "https://nobody.invalid/health", "--timeout", "1")
    assert outcome.returncode == 1
    assert "https://nobody.invalid/health did not answer" in outcome.stderr


@pytest.mark.parametrize(
    ("words", "mistakes"),
    [
        (
            ["alarm-gate", "--region", "mars", "--prefix", "Acme", "--since", "yesterday", "--minutes", "500"],
            ["--region mars: ", "--prefix Acme: ", "--since yesterday: ", "--minutes 500: "],
        ),
        (["alarm-gate"], ["--region is", "--prefix is", "--since is", "--minutes is"]),
        (
            [
                "alarm-gate",
                "--region",
                "us-east-1",
                "--prefix",
                "A-",
                "--since",
                "2026-01-31T12:00:00",
                "--minutes",
                "-1",
            ],
            ["--since 2026-01-31T12:00:00: has no zone", "--minutes -1: "],
        ),
        (
            ["smoke-test", "--url", "http://plain.example", "--probe", "telnet", "--timeout", "0", "--in-a-row", "x"],
            ["--url http://plain.example: ", "--probe telnet: ", "--timeout 0: ", "--in-a-row x: "],
        ),
        (["ready", "--region", "us-east-9", "--prefix", "*"], ["--region us-east-9: ", "--prefix *: "]),
        (["protect", "--regions", "us-east-1,mars", "--prefix", "x"], ["--regions us-east-1,mars: ", "--prefix x: "]),
        (
            ["compare", "--before", "nowhere", "--after", "."],
            ["--before nowhere: ", "--after .: ", "--output is", "--title is"],
        ),
    ],
)
def test_every_mistake_in_the_arguments_is_reported_at_once(words: list[str], mistakes: list[str]) -> None:
    outcome = run(None, *words)
    assert outcome.returncode == 2
    for mistake in mistakes:
        assert mistake in outcome.stderr
    assert len(outcome.stderr.strip().splitlines()) == len(mistakes) + 1
