"""The whole function as Lambda calls it: batches, logs, metrics, its start."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.metrics.provider import cold_start
from platform_runtime import clients
from platform_runtime.environment import InvalidEnvironmentError
from process_object.settings import Settings

from tests.functions.pipeline import CLIENTS, PROCESSED, RAW, REGION, SOURCE, TABLE, Pipeline, calls_hooked
from tests.functions.sqs_records import record
from tests.lambda_context import Context

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    # Lambda sets both, and boto3 reads the second.
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "PROCESSED_BUCKET": PROCESSED,
    "CATALOGUE_TABLE": TABLE,
    "EVENT_SOURCE": SOURCE,
    "MAX_RECEIVE_COUNT": "3",
    "POWERTOOLS_SERVICE_NAME": "process_object",
    "POWERTOOLS_METRICS_NAMESPACE": "Acme/Pipeline",
    "LOG_LEVEL": "INFO",
}


@dataclass
class Invocation:
    """One call of the handler: its answer, its log lines, its metrics by name."""

    answer: dict[str, Any]
    logs: list[dict[str, Any]]
    metrics: dict[str, list[float]]

    @property
    def failed(self) -> list[str]:
        return [failure["itemIdentifier"] for failure in self.answer["batchItemFailures"]]


Invoke = Callable[..., Invocation]


@pytest.fixture
def invoke(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Calls a freshly started function."""
    # Python keeps loggers by name, and their streams with them: a new name for every start.
    for name, value in (ENVIRONMENT | {"POWERTOOLS_SERVICE_NAME": f"process_object_{uuid.uuid4().hex}"}).items():
        monkeypatch.setenv(name, value)
    for service in ("s3", "dynamodb", "events"):
        monkeypatch.setattr(clients, f"{service}_client", partial(CLIENTS.__getitem__, service))
    monkeypatch.setattr(cold_start, "is_cold_start", True)
    sys.modules.pop("process_object.handler", None)

    def call(*records: dict[str, Any]) -> Invocation:
        # Started here and not above: a logger keeps the stream of its start, and pytest closes that of the set-up.
        module = importlib.import_module("process_object.handler")
        capsys.readouterr()
        answer = module.handler({"Records": list(records)}, Context())
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        metrics: dict[str, list[float]] = {}
        for line in lines:
            for definition in line.get("_aws", {}).get("CloudWatchMetrics", []):
                for metric in definition["Metrics"]:
                    metrics[metric["Name"]] = line[metric["Name"]]
        return Invocation(answer, [line for line in lines if "_aws" not in line], metrics)

    return call


def test_one_bad_message_does_not_hold_up_the_batch(pipeline: Pipeline, invoke: Invoke) -> None:
    good = pipeline.put("good.csv", b"a,b\n1,2\n")
    rejected = pipeline.put("rejected.csv", b"a,b\n1\n")
    invocation = invoke(
        record(good, "good"), record("not JSON", "malformed"), record(rejected, "rejected"), record(good, "again")
    )
    assert invocation.failed == ["malformed"]
    assert {event["detail-type"] for event in pipeline.announced()} == {"Object Processed", "Object Rejected"}


def test_a_dependency_that_is_down_fails_its_messages_and_no_other(pipeline: Pipeline, invoke: Invoke) -> None:
    stuck = pipeline.put("stuck.csv", b"a\n1\n")
    fine = pipeline.put("fine/", b"")
    with service_down_for("s3"):
        invocation = invoke(record(stuck, "stuck"), record(fine, "fine"))
    assert invocation.failed == ["stuck"]
    assert invoke(record(stuck, "stuck", receive_count=2)).failed == []
    assert pipeline.item(stuck)["status"] == "PROCESSED"


def service_down_for(service_down: str) -> Any:
    def refuse(service: str, operation: str) -> None:
        if service == service_down:
            raise ConnectionError("no route")

    return calls_hooked(refuse)


def test_the_last_delivery_ends_in_a_failure_that_is_told(pipeline: Pipeline, invoke: Invoke) -> None:
    event = pipeline.put("stuck.csv", b"a\n1\n")
    with service_down_for("s3"):
        assert invoke(record(event, "m", receive_count=2)).failed == ["m"]
        assert pipeline.announced() == []
        invocation = invoke(record(event, "m", receive_count=3))
    assert invocation.failed == []
    (announced,) = pipeline.announced()
    assert announced["detail"]["status"] == "FAILED"
    assert "no route" in announced["detail"]["reason"]["message"]
    assert invocation.metrics["ObjectsFailed"] == [1.0]
    (log,) = (line for line in invocation.logs if line["level"] == "ERROR")
    assert "ConnectionError" in log["exception"]


def test_every_log_line_about_an_object_bears_its_correlation_id(pipeline: Pipeline, invoke: Invoke) -> None:
    events = [pipeline.put(f"{number}.csv", b"a\n1\n") for number in range(2)]
    invocation = invoke(*(record(event, str(number)) for number, event in enumerate(events)), record("x", "malformed"))
    lines = {line["message_id"]: line for line in invocation.logs}
    for number, event in enumerate(events):
        line = lines[str(number)]
        assert (line["correlation_id"], line["bucket"], line["key"]) == (event["id"], RAW, f"{number}.csv")
        assert line["outcome"] == "processed"
    assert "correlation_id" not in lines["malformed"]
    assert lines["malformed"]["level"] == "ERROR"


def test_metrics_count_what_happened(pipeline: Pipeline, invoke: Invoke) -> None:
    good = pipeline.put("good.csv", b"a,b\n1,2\n")
    bad = pipeline.put("bad.csv", b"a,b\n1\n")
    metrics = invoke(record(good, "1"), record(bad, "2"), record(good, "3"), record(good, "4")).metrics
    counts = {name: sum(values) for name, values in metrics.items() if name != "ProcessingTime"}
    assert counts == {
        "ObjectsProcessed": 1,
        "ObjectsRejected": 1,
        "DuplicatesIgnored": 2,
        "BytesProcessed": 8,
        "ColdStart": 1,
    }
    assert len(metrics["ProcessingTime"]) == 2


def test_all_mistakes_in_the_environment_are_reported_at_once() -> None:
    wrong = {
        "AWS_REGION": "Europe",
        "PROCESSED_BUCKET": "No Bucket",
        "EVENT_SOURCE": "aws.s3",
        "MAX_RECEIVE_COUNT": "0",
        "POWERTOOLS_SERVICE_NAME": "",
        "POWERTOOLS_METRICS_NAMESPACE": "AWS/Lambda",
        "LOG_LEVEL": "LOUD",
    }
    with pytest.raises(InvalidEnvironmentError) as caught:
        Settings.from_environment(wrong)
    assert len(caught.value.problems) == 8
    for name, value in wrong.items():
        assert f"{name} is {value!r}, it must be " in str(caught.value)
    assert "CATALOGUE_TABLE is missing" in str(caught.value)


@pytest.mark.parametrize("value", ["", "1.5", "-1", "٣", "1001", "9" * 30])
def test_a_number_that_is_none_is_a_mistake(value: str) -> None:
    with pytest.raises(InvalidEnvironmentError, match="MAX_RECEIVE_COUNT"):
        Settings.from_environment(ENVIRONMENT | {"MAX_RECEIVE_COUNT": value})


def run_python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{PROJECT / 'lambda'}:{PROJECT}"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_function_with_a_wrong_environment_does_not_start() -> None:
    ended = run_python("import process_object.handler", ENVIRONMENT | {"LOG_LEVEL": "LOUD", "EVENT_SOURCE": "aws.x"})
    assert ended.returncode != 0
    assert "LOG_LEVEL is 'LOUD'" in ended.stderr
    assert "EVENT_SOURCE is 'aws.x'" in ended.stderr


def test_starting_does_not_import_the_aws_sdk() -> None:
    code = """
        import sys, process_object.handler
        print([name for name in ("boto3", "botocore.client", "s3transfer") if name in sys.modules])
    """
    ended = run_python(code, ENVIRONMENT | {"LAMBDA_TASK_ROOT": "/var/task"})
    assert ended.stdout.strip() == "[]", ended.stderr


@pytest.mark.parametrize(
    "trace_id", [None, "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"]
)
def test_tracing_is_harmless_where_no_daemon_listens(trace_id: str | None) -> None:
    code = """
        import json
        from tests.functions.pipeline import pipeline_in_memory
        from tests.lambda_context import Context
        from tests.functions.sqs_records import record
        from process_object.handler import handler

        with pipeline_in_memory() as pipeline:
            answer = handler({"Records": [record(pipeline.put("a.csv", b"a\\n1\\n"), "m")]}, Context())
            print(json.dumps([answer, len(pipeline.announced())]))
    """
    tracing = {"LAMBDA_TASK_ROOT": "/var/task", "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:9"}
    if trace_id:
        tracing["_X_AMZN_TRACE_ID"] = trace_id
    ended = run_python(code, ENVIRONMENT | tracing)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout.splitlines()[-1]) == [{"batchItemFailures": []}, 1], ended.stderr
    assert "Traceback" not in ended.stderr
