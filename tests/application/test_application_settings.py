"""The application's settings: every mistake at once, and nothing started."""

import socket
import subprocess
from pathlib import Path

import pytest

from application.environment import EnvironmentReader, SettingsError
from application.settings import Settings, read_with
from tests.application.harness import PROJECT, environment, module_command


def _problems(**variables: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"AWS_REGION": "eu-west-1", **variables})
    return {problem.name: str(problem) for problem in caught.value.problems}


def test_the_process_names_every_mistake_with_value_and_rule_and_ends_with_2() -> None:
    ended = subprocess.run(
        module_command(),
        cwd=PROJECT,
        env=environment(PORT="http", AWS_REGION="Ireland", IDLE_TIMEOUT_SECONDS="-1", BUCKET_NAME="A bucket"),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    for expected in (
        "PORT='http': must be a whole number from 0 to 65535",
        "AWS_REGION='Ireland': must be the code of the region",
        "IDLE_TIMEOUT_SECONDS='-1': must be a number of seconds from 0.1 to 4000",
        "BUCKET_NAME='A bucket': must be a bucket name",
    ):
        assert expected in ended.stderr


def test_a_region_is_all_that_has_to_be_set() -> None:
    settings = Settings.read({"AWS_REGION": "eu-west-1"})

    assert settings.listener.port == 8443
    assert settings.dependencies.checked == ()


def test_a_missing_region_is_said_to_be_missing() -> None:
    with pytest.raises(SettingsError, match="AWS_REGION is not set: must be the code of the region"):
        Settings.read({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "8443 "),
        ("BIND_ADDRESS", "localhost"),
        ("MAX_BODY_BYTES", "0"),
        ("MAX_CONNECTIONS", "1e3"),
        ("HEADER_TIMEOUT_SECONDS", "nan"),
        ("APPLICATION_VERSION", "1.0\n"),
        ("DATABASE_HOST", "data base"),
        ("DATABASE_PORT", "0"),
        ("TABLE_NAME", "t"),
        ("TABLE_NAME", "arn:aws:dynamodb"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL_S3", "https://user:password@host"),
        ("AWS_URL_SUFFIX", "com"),
        ("LOG_HEALTH_CHECKS", "yes"),
        ("DEEP_HEALTH_CHECKS", "database;table"),
        ("DEEP_HEALTH_CACHE_SECONDS", "0"),
        ("TLS_CERTIFICATE_FILE", "certificate.pem"),
    ],
)
def test_a_value_that_breaks_its_rule_is_refused(name: str, value: str) -> None:
    assert name in _problems(**{name: value})


def test_the_deadline_must_leave_time_after_the_drain() -> None:
    assert "must be more than DRAIN_SECONDS (20)" in _problems(SHUTDOWN_SECONDS="20")["SHUTDOWN_SECONDS"]


def test_a_check_of_what_is_not_configured_is_refused() -> None:
    problems = _problems(DEEP_HEALTH_CHECKS="table,database", TABLE_NAME="Catalogue")

    assert "names database, so DATABASE_HOST must be set" in problems["DEEP_HEALTH_CHECKS"]


def test_what_is_configured_is_checked_unless_it_is_left_out() -> None:
    configured = {"AWS_REGION": "eu-west-1", "DATABASE_HOST": "db.internal", "TABLE_NAME": "Catalogue"}

    assert Settings.read(configured).dependencies.checked == ("database", "table")
    assert Settings.read({**configured, "DEEP_HEALTH_CHECKS": "table"}).dependencies.checked == ("table",)
    assert Settings.read({**configured, "DEEP_HEALTH_CHECKS": "none"}).dependencies.checked == ()


def test_a_certificate_without_its_key_is_refused(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("not a certificate")

    assert "TLS_KEY_FILE is not set: must be set with its counterpart" in str(
        _problems(TLS_CERTIFICATE_FILE=str(certificate))
    )


def test_a_certificate_that_is_none_or_cannot_be_read_is_refused(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("not a certificate")
    missing = tmp_path / "key.pem"

    unreadable = _problems(TLS_CERTIFICATE_FILE=str(certificate), TLS_KEY_FILE=str(missing))
    assert list(unreadable) == ["TLS_KEY_FILE"]
    assert "No such file" in unreadable["TLS_KEY_FILE"]

    missing.write_text("not a key")
    assert "must be a PEM certificate" in str(
        _problems(TLS_CERTIFICATE_FILE=str(certificate), TLS_KEY_FILE=str(missing))
    )


def test_every_variable_is_documented() -> None:
    reader = EnvironmentReader({"AWS_REGION": "eu-west-1"})
    read_with(reader)
    page = (PROJECT / "docs" / "application.md").read_text()

    assert [name for name in reader.names if f"`{name}`" not in page] == []


def test_a_port_that_is_taken_ends_the_process_with_1_and_a_line_in_the_log() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = subprocess.run(
            module_command(),
            cwd=PROJECT,
            env=environment(PORT=str(taken.getsockname()[1])),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    assert ended.returncode == 1
    assert '"event": "not_started"' in ended.stdout
    assert "Traceback" not in ended.stderr
