"""A developer's real credentials and the emulator never meet."""

import os
import subprocess
import sys
import textwrap

import pytest

from local_aws.environment import client_environment

ENDPOINT = "http://127.0.0.1:4566"
ACCOUNT = "111122223333"
REAL = {
    "AWS_PROFILE": "production",
    "AWS_DEFAULT_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL",
    "AWS_SECRET_ACCESS_KEY": "real-secret",
    "AWS_SESSION_TOKEN": "real-token",
    "AWS_SECURITY_TOKEN": "real-token",
    "AWS_ROLE_ARN": "arn:aws:iam::999999999999:role/real",
    "AWS_ROLE_SESSION_NAME": "real",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/real/token",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/real",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.2/real",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "real-token",
    "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_CONFIG_FILE": "/real/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/real/credentials",
    "CDK": "1",
    "CDK_OUTDIR": "/real",
}


def test_nothing_of_the_real_credentials_is_left() -> None:
    made = client_environment(ENDPOINT, ACCOUNT, "us-west-2", {**REAL, "HOME": "/home/dev", "PATH": "/bin"})
    assert not {value for value in made.values() if "real" in value.lower()}
    assert "AWS_PROFILE" not in made
    assert "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS" not in made


def test_no_variable_is_called_cdk() -> None:
    assert "CDK" not in client_environment(ENDPOINT, ACCOUNT, "us-west-2", REAL)


def test_what_is_not_of_aws_stays() -> None:
    made = client_environment(ENDPOINT, ACCOUNT, "us-west-2", {"PATH": "/bin", "LANG": "C.UTF-8"})
    assert made["PATH"] == "/bin"
    assert made["LANG"] == "C.UTF-8"


def test_loopback_is_never_sent_through_a_proxy() -> None:
    made = client_environment(ENDPOINT, ACCOUNT, "us-west-2", {"HTTP_PROXY": "http://proxy", "NO_PROXY": "intranet"})
    assert made["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert made["no_proxy"] == "127.0.0.1,localhost"


def test_the_given_environment_is_not_changed() -> None:
    base = dict(REAL)
    client_environment(ENDPOINT, ACCOUNT, "us-west-2", base)
    assert base == REAL


def test_the_current_environment_is_where_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("SOMETHING_ELSE", "stays")
    made = client_environment(ENDPOINT, ACCOUNT, "us-west-2")
    assert "AWS_PROFILE" not in made
    assert made["SOMETHING_ELSE"] == "stays"


@pytest.mark.parametrize("account", ["", "1234", "1234567890123", "11112222333a", "AKIAREALREALREALREAL"])
def test_an_account_that_is_none_is_refused(account: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        client_environment(ENDPOINT, account, "us-west-2", {})


def test_a_client_in_that_environment_signs_with_the_account_and_asks_the_endpoint() -> None:
    program = textwrap.dedent("""
        import boto3
        session = boto3.Session()
        client, key = session.client("s3"), session.get_credentials()
        print(client.meta.endpoint_url, client.meta.region_name, key.access_key, key.token, key.method)
    """)
    made = client_environment(ENDPOINT, ACCOUNT, "us-west-2", {**REAL, "PATH": os.environ["PATH"]})
    asked = subprocess.run(
        [sys.executable, "-c", program], env=made, capture_output=True, text=True, check=True, timeout=30
    )
    assert asked.stdout.split() == [ENDPOINT, "us-west-2", ACCOUNT, "None", "env"]
