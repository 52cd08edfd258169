"""The deployed application, started on this computer: with its role's credentials, over TLS, and never left behind."""

import os
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import Mock

import pytest

from configuration import load_environment
from ops.local import serving
from ops.local.check import CheckFailedError, Context
from ops.local.target import Target
from tests.synthesis import PROJECT

ROLE = "arn:aws:iam::000000000000:role/Application"
VARIABLES = {"AWS_REGION": "eu-west-1", "APPLICATION_VERSION": "1", "TABLE_NAME": "Catalogue", "BUCKET_NAME": "data"}


@pytest.fixture
def context() -> Context:
    """A context in which nothing answers but STS."""
    target = Mock(spec=Target)
    target.endpoint = "http://127.0.0.1:1"
    credentials = {"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "SessionToken": "token"}
    target.account = "000000000000"
    target.client.return_value.create_role.return_value = {"Role": {"Arn": ROLE}}
    target.client.return_value.list_role_policies.return_value = {"PolicyNames": ["Rights"]}
    target.client.return_value.get_role_policy.return_value = {"PolicyDocument": {"Statement": []}}
    target.client.return_value.assume_role.return_value = {"Credentials": credentials}
    return Context(environment=load_environment("local"), target=target)


def start(context: Context, *arguments: str) -> AbstractContextManager[serving.Served]:
    command = [sys.executable, *arguments]
    return serving.serving(context, region="eu-west-1", command=command, variables=VARIABLES, role=ROLE)


def test_the_application_answers_over_tls_and_has_ended_afterwards(context: Context) -> None:
    run = f"""
import runpy, sys
sys.path.insert(0, {str(PROJECT)!r})
runpy.run_module("application", run_name="__main__")
"""
    with start(context, "-c", run) as served:
        status, told = served.ask("GET", "/")
        assert (status, told["region"]) == (200, "eu-west-1")
    with pytest.raises(ConnectionError):
        served.ask("GET", "/")


def test_it_has_its_roles_credentials_and_none_of_ours(
    context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    seen = tmp_path / "seen"
    run = f"import json, os; open({str(seen)!r}, 'w').write(json.dumps(dict(os.environ)))"
    with pytest.raises(CheckFailedError), start(context, "-c", run):
        pass
    text = seen.read_text()
    assert "ASIAEXAMPLE" in text
    assert "mine" not in text
    context.target.client("sts", "eu-west-1").assume_role.assert_called_with(RoleArn=ROLE, RoleSessionName="make-local")


@pytest.mark.parametrize("wrote", ["", "Traceback: no such setting", '{"event": "starting"}'])
def test_what_does_not_open_its_port_fails_with_what_it_wrote(context: Context, wrote: str) -> None:
    with (
        pytest.raises(CheckFailedError, match="did not open its port") as failure,
        start(context, "-c", f"print({wrote!r})"),
    ):
        pass
    assert wrote in str(failure.value)


def test_what_never_opens_its_port_is_ended(context: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "_START_SECONDS", 0.5)
    pid = tmp_path / "pid"
    run = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with pytest.raises(CheckFailedError), start(context, "-c", run):
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
