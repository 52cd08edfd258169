"""The four steps against a real server."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws
from rotate_secret.credentials import Credentials
from rotate_secret.database import Database
from rotate_secret.failures import RotationRefusedError
from rotate_secret.rotation import Rotation, RotationRequest
from rotate_secret.secret_store import PASSWORD_LENGTH, SecretStore
from rotate_secret.settings import DEFAULT_EXCLUDED_CHARACTERS, RDS_EXCLUDED_CHARACTERS, verifying_context

from tests.rotation.accounts import STEPS, Account
from tests.rotation.mariadb_server import MariaDbServer


def test_a_rotation_replaces_the_password_in_the_database_and_in_the_secret(account: Account) -> None:
    old = account.password

    version = account.rotate()

    assert account.secret.with_stage("AWSCURRENT") == version
    assert account.password != old
    assert account.accepts(account.password)
    assert not account.accepts(old)


def test_the_replaced_version_stays_readable_as_the_previous_one(account: Account) -> None:
    first = account.secret.with_stage("AWSCURRENT")

    account.rotate()

    assert account.secret.with_stage("AWSPREVIOUS") == first
    assert account.secret.with_stage("AWSPENDING") is None


def test_rotations_follow_one_another(account: Account) -> None:
    passwords = {account.password}
    for _ in range(3):
        account.rotate()
        assert account.accepts(account.password)
        passwords.add(account.password)
    assert len(passwords) == 4


def test_only_the_password_differs_in_the_new_version(account: Account) -> None:
    before = json.loads(next(iter(account.secret.versions.values())).value or "")

    after = json.loads(account.secret.versions[account.rotate()].value or "")

    assert after.pop("password") != before.pop("password")
    assert after == before


def test_applications_keep_the_old_password_until_the_second_step(account: Account) -> None:
    old = account.password
    version = account.service.start_rotation(account.secret)

    account.step("createSecret", version)

    assert account.password == old
    assert account.accepts(old)
    assert not account.accepts(account.password_of(version))


def test_a_generated_password_is_long_and_has_no_character_that_rds_refuses(account: Account) -> None:
    for _ in range(20):
        version = account.service.take_over(account.secret)
        account.step("createSecret", version)
        password = account.password_of(version)
        assert len(password) == PASSWORD_LENGTH
        assert not set(password) & set(RDS_EXCLUDED_CHARACTERS)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_called_twice_changes_nothing_the_second_time(account: Account, step: str) -> None:
    version = account.service.start_rotation(account.secret)
    for earlier in STEPS[: STEPS.index(step) + 1]:
        account.step(earlier, version)
    before = account.snapshot()

    account.step(step, version)

    assert account.snapshot() == before


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_a_finished_rotation_changes_nothing(account: Account, step: str) -> None:
    version = account.rotate()
    before = account.snapshot()

    account.step(step, version)

    assert account.snapshot() == before


@pytest.mark.parametrize("step", STEPS)
def test_a_late_step_of_the_rotation_before_changes_nothing(account: Account, step: str) -> None:
    replaced = account.rotate()
    account.rotate()
    before = account.snapshot()

    with pytest.raises(RotationRefusedError, match="not AWSPENDING"):
        account.step(step, replaced)

    assert account.snapshot() == before


def test_a_database_that_went_back_to_the_previous_password_is_rotated(account: Account) -> None:
    restored = account.password
    account.rotate()
    account.server.execute("ALTER USER %s@'%%' IDENTIFIED BY %s", account.username, restored)

    account.rotate()

    assert account.accepts(account.password)
    assert not account.accepts(restored)


def test_the_steps_agree_with_another_implementation_of_secrets_manager(
    account: Account, server: MariaDbServer
) -> None:
    old = Credentials.from_json(next(iter(account.secret.versions.values())).value or "")
    version = "0" * 32
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-1")
        arn = client.create_secret(Name="database", SecretString=old.to_json())["ARN"]
        store = SecretStore(client, excluded_characters=DEFAULT_EXCLUDED_CHARACTERS)
        new = old.with_password(store.new_password())
        store.store_pending(arn, version, new)
        rotation = Rotation(store, Database(verifying_context(str(server.ca_bundle))))

        for step in STEPS:
            rotation.run(RotationRequest.from_event({"Step": step, "SecretId": arn, "ClientRequestToken": version}))

        assert store.state(arn).current_version == version
        assert (store.current(arn), store.previous(arn)) == (new, old)
    assert not set(new.password) & set(DEFAULT_EXCLUDED_CHARACTERS)
    assert account.accepts(new.password)
