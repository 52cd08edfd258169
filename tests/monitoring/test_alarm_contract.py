"""Every alarm says what is wrong, how much it matters and what to do, and tells somebody."""

import re
from typing import Any

from constructs.shared.platform_alarm import Severity

from tests.synthesis import PROJECT, Assembly, environment, synthesise

ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
# Target tracking brings its own alarms at run time; those of step scaling are the one kind that tells nobody.
DESCRIPTION = re.compile(r"(?P<meaning>[A-Z].{20,})\nSeverity: (?P<severity>\w+)\nRunbook: (?P<link>\S+)", re.DOTALL)


def platform_alarms(assembly: Assembly) -> list[tuple[str, dict[str, Any]]]:
    """Every alarm that was made for people, by name."""
    return [
        (resource["Properties"]["AlarmName"], resource["Properties"])
        for _, _, resource in assembly.resources(*ALARMS)
        if "Severity: " in resource["Properties"].get("AlarmDescription", "")
    ]


def test_an_alarm_says_its_meaning_its_severity_and_its_runbook(platform: Assembly) -> None:
    alarms = platform_alarms(platform)
    assert alarms
    for name, alarm in alarms:
        description = DESCRIPTION.fullmatch(alarm["AlarmDescription"])
        assert description, name
        assert description["severity"] in set(Severity), name
        assert len(alarm["AlarmDescription"]) <= 1024, name


def test_the_runbook_an_alarm_names_exists(platform: Assembly) -> None:
    for name, alarm in platform_alarms(platform):
        link = alarm["AlarmDescription"].rsplit("Runbook: ", 1)[1]
        assert re.fullmatch(r"docs/runbooks/[a-z0-9-]+\.md", link), name
        assert (PROJECT / link).is_file(), f"{name} names {link}, which does not exist"


def test_alarms_bear_names_of_their_own(platform: Assembly) -> None:
    names = [name for name, _ in platform_alarms(platform)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"Acme-test-[A-Za-z0-9-]{1,240}", name) for name in names)


def test_the_address_of_the_runbooks_comes_from_the_file() -> None:
    address = "https://wiki.acme.example/runbooks"
    for name, alarm in platform_alarms(synthesise(environment(regions=1, monitoring={"runbooks_url": address}))):
        assert f"\nRunbook: {address}/" in alarm["AlarmDescription"], name
