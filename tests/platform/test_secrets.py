"""No credential stands in a template or in a file of the repository (requirement B2)."""

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.synthesis import PROJECT, Assembly, environment, synthesise

SHAPES = {
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    "an AWS access key": r"\b(?:AKIA|ASIA)(?!.{0,16}EXAMPLE)[A-Z2-7]{16}\b",
    "an AWS secret key": r"(?i)aws.{0,20}secret.{0,20}[\"'=: ]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40,}",
    # https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})",
    "a Slack token or webhook": r"\bxox[abposr]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/[A-Z0-9]+/[A-Z0-9]+/\w+",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a password in an address": r"\b[a-z][a-z0-9+]*://[^\s:/@\"'{}<>$]+:(?!password@)[^\s:/@\"'{}<>$*.]{3,}@[a-z0-9]",
}
"""What credentials look like wherever they stand."""

ASSIGNED = re.compile(
    r"""(?ix) \b [\w-]* (?:password|passwd|secret_?key|secret_?string|api_?key|access_?token|auth_?token|private_?key)
        ["']? \s* (?: : | = (?!=) ) \s* (["']) (?P<value>[^"'{}$<>\n]{4,}) \1""",
)
"""A literal that is given to something called a password or the like."""

SECRET_NAME = re.compile(r"(?i)(password|passphrase|secretstring|secret_?key|api_?key|token|private_?key)$")
"""How a property, a parameter or a variable is called whose value would be a credential."""


def credentials_in(text: str) -> list[str]:
    """Which kinds of credentials a text holds, by their shape."""
    return [
        kind
        for kind, pattern in SHAPES.items()
        # Random text has many different characters; AKIAREALREALREALREAL has not.
        if any(len(set(found[0])) >= 10 for found in re.finditer(pattern, text))
    ]


def assignments_in(text: str) -> list[str]:
    """The literals that are given to something called a password or the like; another such name is none."""
    values = (found["value"] for found in ASSIGNED.finditer(text))
    return [value for value in values if not SECRET_NAME.search(value)]


def literals_in(value: Any, name: str = "") -> Iterator[str]:
    """The names of a template's properties and variables whose literal value would be a credential."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from literals_in(inner, key)
        # A container's variable is a pair of name and value.
        if {"Name", "Value"} <= value.keys() and isinstance(value["Name"], str):
            yield from literals_in(value["Value"], value["Name"])
    elif isinstance(value, list):
        for inner in value:
            yield from literals_in(inner, name)
    elif isinstance(value, str) and SECRET_NAME.search(name) and not value.startswith("{{resolve:secretsmanager:"):
        yield f"{name}: {value}"


def repository_files() -> Iterator[tuple[str, str]]:
    """Every text file that is or would be committed, by its path."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in listed.split("\0"):
        path = PROJECT / name
        if name and path.is_file():
            yield name, path.read_text(encoding="utf-8", errors="replace")


def test_no_file_of_the_repository_holds_a_credential() -> None:
    files = dict(repository_files())
    assert len(files) > 300
    assert {name: found for name, text in files.items() if (found := credentials_in(text))} == {}


def test_no_code_and_no_configuration_gives_a_literal_to_a_password() -> None:
    """Tests may: what they log in to is gone when they end."""
    assigned = {
        name: found
        for name, text in repository_files()
        if not name.startswith(("tests/", "docs/")) and name.endswith((".py", ".yaml", ".yml", ".toml", ".json", ".sh"))
        if (found := assignments_in(text))
    }
    # What signs requests to the emulator, which checks no signature.
    assert assigned == {"local_aws/environment.py": ["test"]}


@pytest.mark.parametrize("rotation", ["hosted", "own"])
@pytest.mark.parametrize("retain_data", [True, False], ids=["retained", "disposable"])
def test_no_template_holds_a_credential(rotation: str, retain_data: bool) -> None:
    assembly = synthesise(environment(regions=3, retain_data=retain_data, database={"rotation": rotation}))
    for stack in assembly.stacks:
        assert credentials_in(stack.path.read_text()) == [], stack.name
        assert list(literals_in(stack.template)) == [], stack.name


def test_no_template_of_a_provided_environment_holds_a_credential(provided: Assembly) -> None:
    for stack in provided.stacks:
        assert credentials_in(stack.path.read_text()) == [], stack.name
        assert list(literals_in(stack.template)) == [], stack.name


def test_no_parameter_with_a_default_is_a_secret(platform: Assembly) -> None:
    for stack in platform.stacks:
        for name, parameter in stack.template.get("Parameters", {}).items():
            assert not SECRET_NAME.search(name), f"{stack.name}: {name} would be typed in, and stand in CloudFormation"
            assert "NoEcho" not in parameter, f"{stack.name}: {name}"


# Put together here, so that this file does not hold what it looks for.
PLANTED = {
    "an AWS access key": "AKIA" + "ABCDEFGHIJKLMNOP",
    "an AWS secret key": "aws_secret_access_key = " + "abcdefghij" * 4,
    "a private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "MIIEow" * 10,
    "a GitHub token": "ghp_" + "a1B2c3D4e5F6" * 3,
    "a Slack token or webhook": "xoxb-" + "1234567890-abc",
    "a JSON Web Token": ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxMjM0NTY3ODkwIn0", "abcdefghijklmnop")),
    "a password in an address": "mysql://platform:" + "hunter22@database",
}


@pytest.mark.parametrize("kind", SHAPES)
def test_a_planted_credential_is_found(kind: str) -> None:
    assert credentials_in(f"before {PLANTED[kind]} after") == [kind]


@pytest.mark.parametrize(
    "text", ["password = 'hunter22'", 'master_password: "hunter22"', '"apiKey": "0123456789"', "SECRET_KEY='abcd'"]
)
def test_a_planted_literal_is_found(text: str) -> None:
    assert len(assignments_in(text)) == 1


@pytest.mark.parametrize(
    "text", ["password == 'x'", 'password = secret["password"]', "password: str", 'password = f"{value}"']
)
def test_code_that_handles_a_password_is_no_credential(text: str) -> None:
    assert assignments_in(text) == []


@pytest.mark.parametrize(
    "properties",
    [
        {"MasterUserPassword": "hunter22"},
        {"Environment": {"Variables": {"DATABASE_PASSWORD": "hunter22"}}},
        {"ContainerDefinitions": [{"Environment": [{"Name": "API_TOKEN", "Value": "hunter22"}]}]},
        {"SecretString": "hunter22"},
    ],
    ids=lambda value: next(iter(value)),
)
def test_a_planted_literal_in_a_template_is_found(properties: dict[str, Any]) -> None:
    (found,) = literals_in({"Resources": {"Planted": {"Properties": properties}}})
    assert found.endswith(": hunter22")
