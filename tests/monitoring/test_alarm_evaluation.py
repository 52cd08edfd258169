"""The evaluator says what CloudWatch's documentation says."""

import pytest

from tests.monitoring.alarm_evaluation import (
    Sample,
    State,
    aggregate,
    calculate,
    composite_alarm_state,
    state_of_points,
)

POINTS = {"0": False, "X": True, "-": None}
OK, ALARM, INSUFFICIENT, RETAINED = "OK", "ALARM", "INSUFFICIENT_DATA", "OK"

# The two tables of AWS's page on missing data: three of three periods, then two of three.
DOCUMENTED = [
    (3, "0 - X - X", OK, OK, OK, OK),
    (3, "- - - - 0", OK, OK, OK, OK),
    (3, "- - - - -", INSUFFICIENT, RETAINED, ALARM, OK),
    (3, "0 X X - X", ALARM, ALARM, ALARM, ALARM),
    (3, "- - X - -", ALARM, RETAINED, ALARM, OK),
    (2, "0 - X - X", ALARM, ALARM, ALARM, ALARM),
    (2, "0 0 X 0 X", ALARM, ALARM, ALARM, ALARM),
    (2, "0 - X - -", OK, OK, ALARM, OK),
    (2, "- - - - 0", OK, OK, ALARM, OK),
    (2, "- - - X -", ALARM, RETAINED, ALARM, OK),
]


@pytest.mark.parametrize(("to_alarm", "points", "missing", "ignore", "breaching", "not_breaching"), DOCUMENTED)
def test_missing_data_is_treated_as_documented(
    to_alarm: int, points: str, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    expected = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    found = {
        treatment: state_of_points(
            [POINTS[point] for point in points.split()],
            periods=3,
            to_alarm=to_alarm,
            missing=treatment,
            before=State.OK,
        )
        for treatment in expected
    }
    assert found == expected


def test_an_alarm_that_ignores_missing_data_stays_what_it_was() -> None:
    arguments = {"periods": 3, "to_alarm": 3, "missing": "ignore", "before": State.ALARM}
    assert state_of_points([None] * 5, **arguments) is State.ALARM  # type: ignore[arg-type]
    assert state_of_points([None, None, None, None, False], **arguments) is State.OK  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Sum", 10), ("Average", 2.5), ("Maximum", 4), ("Minimum", 1), ("p99", 4), ("p50", 3), ("PR(:2)", 50)],
)
def test_a_period_is_aggregated_by_its_statistic(statistic: str, expected: float) -> None:
    values: dict[int, Sample] = {0: 1.0, 1: (2.0, 3.0), 2: 4.0, 3: 1000.0}
    assert aggregate(lambda minute: values[minute], statistic, minutes=3, ago=0) == expected


def test_a_statistic_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="TM"):
        aggregate(lambda _: 1.0, "TM(2%:98%)", minutes=1, ago=0)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + 2 * b", 7),
        ("FILL(gone, 0) + a", 1),
        ("gone + a", None),
        ("a / 0", None),
        ("IF(a < 0, 10, b)", 3),
        ("IF(a >= 1, -a, b)", -1),
        ("IF(gone > 1, 1, 2)", None),
        ("100 * (a + b) / (b + b)", pytest.approx(66.666, abs=0.01)),
    ],
)
def test_metric_math_is_calculated_as_documented(expression: str, expected: float | None) -> None:
    assert calculate(expression, {"a": 1.0, "b": 3.0, "gone": None}.__getitem__) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('ALARM("one")', True),
        ('(ALARM("one") AND ALARM("two"))', False),
        ('(ALARM("one") OR ALARM("two"))', True),
        ('(NOT (ALARM("one")))', False),
        ('OK("two") AND INSUFFICIENT_DATA("three")', True),
        ('ALARM("arn:aws:cloudwatch:eu-west-1:000000000000:alarm:one")', True),
    ],
)
def test_a_composite_follows_its_rule(rule: str, expected: bool) -> None:
    states = {"one": State.ALARM, "two": State.OK, "three": State.INSUFFICIENT_DATA}
    assert (composite_alarm_state(rule, states) is State.ALARM) == expected


def test_a_composite_over_an_alarm_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError, match="nobody"):
        composite_alarm_state('ALARM("nobody")', {})
