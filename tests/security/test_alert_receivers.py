"""Alerts reach somebody: whoever keeps data and names nobody is told so at every synthesis."""

from pathlib import Path

import pytest

from configuration import load_environment
from tests.synthesis import PROJECT, environment, synthesise

ALERTS = {"topic": "alerts", "protocol": "email", "endpoint": "oncall@acme.example"}
PROVIDED = sorted((PROJECT / "environments").glob("*.yaml"))


@pytest.mark.parametrize(
    ("retain_data", "subscriptions", "warns"),
    [
        (True, [], True),
        (True, [ALERTS | {"topic": "notifications"}], True),
        (True, [ALERTS], False),
        (False, [], False),
    ],
)
def test_nobody_who_hears_of_kept_data_is_warned_of(
    retain_data: bool, subscriptions: list[dict[str, str]], warns: bool
) -> None:
    assembly = synthesise(environment(retain_data=retain_data, subscriptions=subscriptions))
    found = [warning for warning in assembly.warnings("Security") if "nobodyHearsAlerts" in warning]
    assert bool(found) is warns


@pytest.mark.parametrize("path", PROVIDED, ids=lambda path: path.stem)
def test_the_provided_files_that_keep_data_name_somebody(path: Path) -> None:
    described = load_environment(str(path))
    if described.retain_data:
        assert "alerts" in {subscription.topic for subscription in described.subscriptions}
