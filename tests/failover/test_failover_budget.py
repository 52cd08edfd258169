"""The arithmetic of the failover budget, and the advice that comes with a missed target."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configuration.failover.budget import (
    FailoverSettings,
    OriginKind,
    OriginTimeouts,
    RecordDesign,
    Step,
    failover_budget,
)
from configuration.failover.targets import missed_targets

ALIAS = FailoverSettings(record_design=RecordDesign.ALIAS)


def total(settings: FailoverSettings, path: str = "app") -> float:
    return failover_budget(settings).path(path).total


@pytest.mark.parametrize(
    ("design", "ttl", "threshold", "expected"),
    [
        (RecordDesign.ALIAS, 10, 3, 128),
        (RecordDesign.ALIAS, 10, 2, 112),
        (RecordDesign.ALIAS, 10, 1, 96),
        (RecordDesign.CNAME, 20, 3, 88),
        (RecordDesign.CNAME, 10, 3, 78),
        (RecordDesign.CNAME, 10, 2, 62),
    ],
)
def test_the_worst_cases_of_the_documented_table(design: RecordDesign, ttl: int, threshold: int, expected: int) -> None:
    settings = FailoverSettings(record_design=design, record_ttl=ttl, failure_threshold=threshold)
    assert total(settings) == expected


def test_the_default_settings_keep_the_default_target() -> None:
    targets = {"app": 90, "api": 90, "assets": 30}
    assert missed_targets(FailoverSettings(), targets) == ()


@pytest.mark.parametrize("threshold", range(1, 11))
def test_no_threshold_keeps_90_seconds_with_aliases_to_load_balancers(threshold: int) -> None:
    assert total(replace(ALIAS, failure_threshold=threshold)) > 90


def test_an_alias_ignores_the_ttl_of_the_file() -> None:
    """WEIGHTED_VALUES, TTL."""
    assert failover_budget(replace(ALIAS, record_ttl=5)).path("app").seconds(Step.CLIENT_CACHE) == 60


def test_every_term_names_its_document_or_is_an_allowance_with_a_reason() -> None:
    for settings in (FailoverSettings(client_hold=30), ALIAS):
        for path in failover_budget(settings).paths:
            for row in path.rows:
                assert row.reason
                assert row.source is None or row.source.url.startswith("https://docs.aws.amazon.com/")
            allowed = {row.step for row in path.rows if row.source is None}
            assert (Step.PROPAGATION in allowed) is (path.path != "assets")
            assert Step.DETECTION not in allowed


def test_the_table_shows_every_path_with_its_total_and_marks_allowances() -> None:
    table = failover_budget(FailoverSettings()).table()
    for path, worst in (("app", 78), ("api", 90), ("assets", 21)):
        (line,) = [line for line in table.splitlines() if line.startswith(f"{path} ")]
        assert line.endswith(f"{worst} s")
    assert "(allowance)" in table


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (OriginTimeouts(kind=OriginKind.CUSTOM), 3 * (10 + 30)),
        (OriginTimeouts(kind=OriginKind.S3), 3 * (10 + 30)),
        (OriginTimeouts(kind=OriginKind.CUSTOM, connection_attempts=1, response_timeout=5), 10 + 5),
        # S3 is asked three times for an answer, whatever the attempts to connect.
        (OriginTimeouts(kind=OriginKind.S3, connection_attempts=1, connection_timeout=2, response_timeout=5), 3 * 7),
    ],
)
def test_an_origin_costs_its_attempts_times_its_timeouts(origin: OriginTimeouts, expected: int) -> None:
    """ORIGIN_FAILOVER, "Control origin timeouts and attempts"; S3_ORIGINS, origin response timeout."""
    assert origin.worst_case == expected
    assets = failover_budget(FailoverSettings(assets_origin=origin)).path("assets")
    assert assets.total == expected


def test_the_api_through_the_edge_pays_for_dns_and_for_the_request_in_flight() -> None:
    settings = FailoverSettings()
    assert total(settings, "api") == total(settings) + settings.api_origin.worst_case


@given(
    st.builds(
        FailoverSettings,
        request_interval=st.sampled_from([10, 30]),
        failure_threshold=st.integers(1, 10),
        record_design=st.sampled_from(RecordDesign),
        record_ttl=st.integers(0, 300),
        propagation_allowance=st.integers(0, 60),
        client_hold=st.integers(0, 60),
    ),
    st.integers(1, 400),
)
def test_a_target_is_missed_exactly_when_the_worst_case_is_longer(settings: FailoverSettings, target: int) -> None:
    missed = {miss.path for miss in missed_targets(settings, dict.fromkeys(("app", "api", "assets"), target))}
    assert missed == {path.path for path in failover_budget(settings).paths if path.total > target}


def test_the_message_names_path_worst_case_and_target() -> None:
    (miss,) = missed_targets(ALIAS, {"app": 90})
    assert str(miss).startswith("app: recovers within 128 s at worst, not 90 s; ")


def test_the_advice_names_the_gentlest_change_that_is_enough() -> None:
    (miss,) = missed_targets(FailoverSettings(record_ttl=60), {"app": 90})
    assert miss.advice == "any one of these is enough: routing.record_ttl 60 -> 20 (88 s)"
    (miss,) = missed_targets(FailoverSettings(record_ttl=30), {"app": 90})
    assert miss.advice == (
        "any one of these is enough: routing.failure_threshold 3 -> 2 (82 s); routing.record_ttl 30 -> 20 (88 s)"
    )


def test_the_advice_for_aliases_is_the_other_record_design() -> None:
    (miss,) = missed_targets(ALIAS, {"app": 90})
    assert (
        miss.advice
        == "any one of these is enough: routing.record_design alias -> cname, routing.record_ttl 10 -> 20 (88 s)"
    )


def test_the_advice_sums_up_all_changes_where_no_single_one_is_enough() -> None:
    (miss,) = missed_targets(FailoverSettings(request_interval=30, record_ttl=60), {"app": 90})
    assert miss.advice == (
        "no single value is enough; all that help together reach 46 s "
        "(routing.request_interval 30 -> 10, routing.failure_threshold 3 -> 1, routing.record_ttl 60 -> 10)"
    )


def test_the_advice_is_to_raise_a_target_that_nothing_can_keep() -> None:
    (miss,) = missed_targets(FailoverSettings(), {"app": 10})
    assert miss.advice == (
        "raise the target: even all values turned as far as is useful reach no less than 46 s "
        "(routing.failure_threshold 3 -> 1)"
    )


def test_the_advice_for_assets_is_about_the_origin() -> None:
    slow = FailoverSettings(assets_origin=OriginTimeouts(kind=OriginKind.S3, connection_timeout=5, response_timeout=10))
    (miss,) = missed_targets(slow, {"assets": 30})
    assert miss.advice == ("any one of these is enough: cdn.assets_origin.response_timeout 10 -> 5 (30 s)")
