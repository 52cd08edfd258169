"""CloudWatch's own rules, by which an alarm's state follows from what was measured.

Only what the platform's alarms use is known here; anything else is refused, so that no alarm passes unjudged.

- Missing data: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
- Metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
- Composite alarms: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
"""

import ast
import functools
import itertools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

Sample = float | tuple[float, ...] | None
"""What was measured in one minute: nothing, one value, or the values of several requests."""
Signal = Callable[[int], Sample]
"""A metric as measured so many whole minutes ago."""


class State(StrEnum):
    """The states of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


_BREACHES: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
# CloudWatch looks this much further back than the evaluation periods when points are missing, as in its examples.
_FURTHER = 2


def metric_alarm_state(
    alarm: Mapping[str, Any], find: Callable[[Mapping[str, Any]], Signal], *, before: State = State.OK
) -> State:
    """The state of ``AWS::CloudWatch::Alarm`` properties; ``find`` gives the signal of a metric they name.

    ``before`` is the state the alarm had, which counts where it ignores missing data.
    """
    periods = int(alarm["EvaluationPeriods"])
    points = [_point(alarm, find, ago) for ago in reversed(range(periods + _FURTHER))]
    breaches = _BREACHES[alarm["ComparisonOperator"]]
    return state_of_points(
        [None if point is None else breaches(point, float(alarm["Threshold"])) for point in points],
        periods=periods,
        to_alarm=int(alarm.get("DatapointsToAlarm", periods)),
        missing=_treatment(alarm),
        before=before,
    )


def state_of_points(
    breaching: Sequence[bool | None], *, periods: int, to_alarm: int, missing: str, before: State
) -> State:
    """The state that follows from points, the newest last: whether each breaches, None where it is missing."""
    real = [point for point in breaching if point is not None]
    if len(real) >= periods:
        return State.ALARM if sum(real[-periods:]) >= to_alarm else State.OK
    if missing == "breaching":
        return State.ALARM if sum(real) + periods - len(real) >= to_alarm else State.OK
    if missing == "notBreaching":
        return State.ALARM if sum(real) >= to_alarm else State.OK
    if missing == "ignore":
        if sum(real) >= to_alarm:
            return State.ALARM
        return before if all(real) else State.OK
    if not real:
        return State.INSUFFICIENT_DATA
    return State.ALARM if sum(real) >= min(to_alarm, len(real)) else State.OK


def _treatment(alarm: Mapping[str, Any]) -> str:
    # Whatever an alarm on one of DynamoDB's metrics says: CloudWatch ignores that its data are missing.
    if alarm.get("Namespace") == "AWS/DynamoDB":
        return "ignore"
    return str(alarm.get("TreatMissingData", "missing"))


def _point(alarm: Mapping[str, Any], find: Callable[[Mapping[str, Any]], Signal], ago: int) -> float | None:
    if "Metrics" not in alarm:
        statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
        return aggregate(find(alarm), statistic, minutes=int(alarm["Period"]) // 60, ago=ago)
    queries = {query["Id"]: query for query in alarm["Metrics"]}

    def value(query_id: str) -> float | None:
        query = queries[query_id]
        if "Expression" in query:
            return calculate(query["Expression"], value)
        stat = query["MetricStat"]
        return aggregate(find(stat["Metric"]), stat["Stat"], minutes=int(stat["Period"]) // 60, ago=ago)

    (returned,) = [query["Id"] for query in alarm["Metrics"] if query.get("ReturnData", True)]
    return value(returned)


def aggregate(signal: Signal, statistic: str, *, minutes: int, ago: int) -> float | None:
    """One point of a metric: the statistic over the period that ended ``ago`` periods ago."""
    samples = map(signal, range(ago * minutes, (ago + 1) * minutes))
    # Counted rather than listed: a burn rate looks at hours in which nearly every minute is the same.
    counted = [
        (value, count)
        for sample, count in ((next(run), 1 + sum(1 for _ in run)) for _, run in itertools.groupby(samples, key=id))
        if sample is not None
        for value in (sample if isinstance(sample, tuple) else (sample,))
    ]
    if not counted:
        return None
    if statistic in _STATISTICS:
        return _STATISTICS[statistic](counted)
    if percentile := re.fullmatch(r"p(\d+(?:\.\d+)?)", statistic):
        below = _size(counted) * float(percentile[1]) / 100
        ranked = sorted(counted)
        seen = itertools.accumulate(count for _, count in ranked)
        return next((value for (value, _), until in zip(ranked, seen, strict=True) if until > below), ranked[-1][0])
    if rank := re.fullmatch(r"PR\(:(\d+(?:\.\d+)?)\)", statistic):
        return 100 * sum(count for value, count in counted if value <= float(rank[1])) / _size(counted)
    raise ValueError(f"the statistic {statistic!r} is not known here")


_Counted = Sequence[tuple[float, int]]


def _size(counted: _Counted) -> int:
    return sum(count for _, count in counted)


def _sum(counted: _Counted) -> float:
    return sum(value * count for value, count in counted)


_STATISTICS: Mapping[str, Callable[[_Counted], float]] = {
    "Sum": _sum,
    "Average": lambda counted: _sum(counted) / _size(counted),
    "Maximum": lambda counted: max(value for value, _ in counted),
    "Minimum": lambda counted: min(value for value, _ in counted),
}


def calculate(expression: str, value: Callable[[str], float | None]) -> float | None:
    """A metric-math expression at one point in time; None where it has no value."""
    return _calculate(_parsed(expression), value)


@functools.cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def _calculate(node: ast.expr, value: Callable[[str], float | None]) -> float | None:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return value(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _calculate(operand, value)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=sign, right=right):
            return _combine(sign, _calculate(left, value), _calculate(right, value))
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _combine(sign, _calculate(left, value), _calculate(right, value))
        case ast.Call(func=ast.Name(id="FILL"), args=[metric, filling]):
            found = _calculate(metric, value)
            return _calculate(filling, value) if found is None else found
        case ast.Call(func=ast.Name(id="IF"), args=[condition, then, otherwise]):
            holds = _calculate(condition, value)
            return None if holds is None else _calculate(then if holds else otherwise, value)
    raise ValueError(f"the expression {ast.unparse(node)!r} is not known here")


def _combine(sign: ast.AST, left: float | None, right: float | None) -> float | None:
    if left is None or right is None or (isinstance(sign, ast.Div) and right == 0):
        return None
    return float(_OPERATORS[type(sign)](left, right))


def composite_alarm_state(rule: str, states: Mapping[str, State]) -> State:
    """The state of a composite alarm with ``rule`` over alarms known by name; a name nobody bears is refused."""
    text = re.sub(r"\bNOT\b", "not", re.sub(r"\bOR\b", "or", re.sub(r"\bAND\b", "and", rule)))
    return State.ALARM if _holds(ast.parse(text.strip(), mode="eval").body, states) else State.OK


def _holds(node: ast.expr, states: Mapping[str, State]) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_holds(part, states) for part in parts)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_holds(part, states) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return not _holds(part, states)
        case ast.Call(func=ast.Name(id=state), args=[ast.Constant(value=str() as name)]):
            return states[name.rsplit(":alarm:", 1)[-1]] is State[state]
    raise ValueError(f"the rule {ast.unparse(node)!r} is not known here")


def alarms_named_in(rule: str) -> set[str]:
    """The names of the alarms that a composite's rule looks at."""
    return {name.rsplit(":alarm:", 1)[-1] for name in re.findall(r'\w+\("([^"]+)"\)', rule)}
