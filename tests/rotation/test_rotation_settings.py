"""The environment is validated before the first event, and the tests' own rule about the server."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from rotate_secret.settings import DEFAULT_EXCLUDED_CHARACTERS, ConfigurationError, Settings

from tests.rotation.certificates import Authority
from tests.rotation.mariadb_server import find_server


def test_an_empty_environment_is_enough() -> None:
    assert Settings.from_environment({}).excluded_characters == DEFAULT_EXCLUDED_CHARACTERS


def test_the_bundle_of_the_environment_is_the_only_trust(tmp_path: Path) -> None:
    bundle = Authority("database authority").write(tmp_path / "bundle.pem")

    trusted = Settings.from_environment({"DATABASE_CA_BUNDLE": str(bundle)}).tls.get_ca_certs(binary_form=True)

    assert trusted == [ssl.PEM_cert_to_DER_cert(bundle.read_text())]


@pytest.mark.parametrize("content", [None, b"", b"no certificate"], ids=["absent", "empty", "text"])
def test_a_bundle_without_certificates_is_refused(tmp_path: Path, content: bytes | None) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"DATABASE_CA_BUNDLE=.*bundle\.pem.* is not a readable PEM file"):
        Settings.from_environment({"DATABASE_CA_BUNDLE": str(bundle)})


def test_every_mistake_is_reported_at_once() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        Settings.from_environment({"DATABASE_CA_BUNDLE": "absent.pem", "EXCLUDE_CHARACTERS": "é"})

    assert str(refusal.value) == (
        "DATABASE_CA_BUNDLE='absent.pem' is not a readable PEM file with certificates: no such file; "
        "EXCLUDE_CHARACTERS='é' must consist of printable ASCII characters; "
        """EXCLUDE_CHARACTERS='é' must contain ' "/@' too: RDS refuses them"""
    )


def test_the_function_does_not_start_in_a_wrong_environment() -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import rotate_secret.handler"],
        env={**os.environ, "PYTHONPATH": "lambda", "AWS_DEFAULT_REGION": "eu-west-1", "EXCLUDE_CHARACTERS": "x"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert started.returncode != 0
    assert "ConfigurationError: EXCLUDE_CHARACTERS='x'" in started.stderr


def test_a_missing_server_skips_the_tests_here_and_fails_them_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None)

    with pytest.raises(pytest.skip.Exception, match="mariadbd is not installed"):
        find_server({})
    with pytest.raises(pytest.fail.Exception, match="mariadbd is not installed"):
        find_server({"CI": "true"})
