"""An alarm is about one metric: the one with its dimensions, also when a service reports it.

MiniStack evaluates every metric of the same name together, so that one function's errors raise the alarm of another,
and it evaluates nothing when a function itself has reported:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Dimension

What stays different: the evaluation periods are looked at as one, whenever something is reported, and missing data
changes nothing.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def apply() -> None:
    """Repair it."""
    record = cloudwatch.record_metric

    def record_metric(namespace: str, metric_name: str, *rest: Any, **more: Any) -> None:
        record(namespace, metric_name, *rest, **more)
        for alarm in list(cloudwatch._alarms.values()):
            if (alarm.get("Namespace"), alarm.get("MetricName")) == (namespace, metric_name):
                _evaluate(alarm)

    cloudwatch.record_metric = record_metric
    cloudwatch._evaluate_alarm = _evaluate


def _evaluate(alarm: dict[str, Any]) -> None:
    """Bring an alarm into the state its metric asks for, and do what it does in that state."""
    compare = _COMPARISONS.get(alarm.get("ComparisonOperator", ""))
    value = _value(alarm)
    if value is None or compare is None:
        return
    old, new = alarm["StateValue"], "ALARM" if compare(value, alarm["Threshold"]) else "OK"
    if old == new:
        return
    reason = f"Threshold Crossed: {value} {alarm['ComparisonOperator']} {alarm['Threshold']}"
    alarm.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
    cloudwatch._record_history(alarm["AlarmName"], old, new, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, new, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _value(alarm: dict[str, Any]) -> float | None:
    """The metric's value over the alarm's periods; None where there is none, as for an alarm on an expression."""
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    reported = cloudwatch._metrics.get((alarm.get("Namespace"), alarm.get("MetricName"), dimensions)) or []
    since = time.time() - alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1)
    recent = [point for point in reported if point["Timestamp"] >= since]
    if not recent:
        return None
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    found = cloudwatch._stat_value(cloudwatch._calc_stats(recent), statistic, recent)
    return None if found is None else float(found)
