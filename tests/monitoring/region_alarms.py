"""The alarms of an assembly as CloudWatch would run them: their states, and who hears of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.monitoring.alarm_evaluation import (
    Signal,
    State,
    alarms_named_in,
    composite_alarm_state,
    metric_alarm_state,
)
from tests.monitoring.publishers import Published, Values
from tests.synthesis import Assembly, StackTemplate

METRIC_ALARM = "AWS::CloudWatch::Alarm"
COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"


@dataclass(frozen=True)
class Alarm:
    """One alarm of a template."""

    stack: StackTemplate
    logical_id: str
    composite: bool
    properties: Mapping[str, Any]
    actions: tuple[str, ...]
    suppressor: str | None

    @property
    def name(self) -> str:
        """The name it bears, or where it bears none the one by which templates refer to it."""
        return str(self.properties.get("AlarmName", f"{self.stack.name}/{self.logical_id}"))

    @property
    def short_name(self) -> str:
        """The name without team, environment and region: ``Compute-WebAlarms-Errors``."""
        return self.name.removeprefix("Acme-test-").replace(f"-{self.stack.region}-", "-", 1)


class RegionAlarms:
    """Every alarm of one region of an assembly."""

    def __init__(self, assembly: Assembly, region: str) -> None:
        self._values = Values(assembly)
        self.region = region
        self.alarms = {alarm.name: alarm for alarm in self._read(assembly)}

    def _read(self, assembly: Assembly) -> list[Alarm]:
        return [
            Alarm(
                stack=stack,
                logical_id=logical_id,
                composite=resource["Type"] == COMPOSITE_ALARM,
                properties=resource["Properties"],
                actions=tuple(
                    self._values.of(stack, action) for action in resource["Properties"].get("AlarmActions", [])
                ),
                suppressor=self._suppressor(stack, resource["Properties"]),
            )
            for stack, logical_id, resource in assembly.resources(METRIC_ALARM, COMPOSITE_ALARM)
            if stack.region == self.region
        ]

    def _suppressor(self, stack: StackTemplate, properties: Mapping[str, Any]) -> str | None:
        match properties.get("ActionsSuppressor"):
            case {"Fn::GetAtt": [logical_id, "Arn"]}:
                return str(stack.resources[logical_id]["Properties"]["AlarmName"])
            case None:
                return None
        raise ValueError(f"{properties['AlarmName']} is suppressed by something unknown")

    def metrics_of(self, alarm: Alarm) -> list[Published]:
        """The metrics that a metric alarm looks at."""
        queries = alarm.properties.get("Metrics")
        if queries is None:
            return [self.published(alarm, alarm.properties)]
        return [self.published(alarm, query["MetricStat"]["Metric"]) for query in queries if "MetricStat" in query]

    def published(self, alarm: Alarm, metric: Mapping[str, Any]) -> Published:
        """A metric as an alarm names it."""
        dimensions = {
            dimension["Name"]: self._values.of(alarm.stack, dimension["Value"])
            for dimension in metric.get("Dimensions", [])
        }
        return Published(self.region, metric["Namespace"], metric["MetricName"], frozenset(dimensions.items()))

    def state(self, alarm: Alarm, signal: Callable[[Published], Signal], *, before: State = State.OK) -> State:
        """The state of one metric alarm, which was in another ``before``."""
        return metric_alarm_state(alarm.properties, lambda metric: signal(self.published(alarm, metric)), before=before)

    def states(self, signal: Callable[[Published], Signal]) -> dict[str, State]:
        """The state of every alarm, composites last; ``signal`` gives what was measured of a metric."""
        states = {name: self.state(alarm, signal) for name, alarm in self.alarms.items() if not alarm.composite}
        waiting = {name: alarm for name, alarm in self.alarms.items() if alarm.composite}
        while waiting:
            ready = {
                name: alarm
                for name, alarm in waiting.items()
                if not alarms_named_in(alarm.properties["AlarmRule"]) & waiting.keys()
            }
            if not ready:
                raise ValueError(f"these composites wait for one another: {sorted(waiting)}")
            for name, alarm in ready.items():
                states[name] = composite_alarm_state(alarm.properties["AlarmRule"], states)
                del waiting[name]
        return states

    def messages(self, states: Mapping[str, State]) -> dict[str, tuple[str, ...]]:
        """What is sent, by the short name of the alarm that sends it: the actions of those that fire, unsuppressed."""
        return {
            alarm.short_name: alarm.actions
            for name, alarm in self.alarms.items()
            if states[name] is State.ALARM
            and alarm.actions
            and (alarm.suppressor is None or states[alarm.suppressor] is not State.ALARM)
        }

    def unheard(self, states: Mapping[str, State]) -> list[str]:
        """Alarms that fire while neither they nor one that stands for them says so."""
        sent = self.messages(states)
        return [
            alarm.short_name
            for name, alarm in self.alarms.items()
            if states[name] is State.ALARM and not self._is_told(alarm, states, sent)
        ]

    def _is_told(self, alarm: Alarm, states: Mapping[str, State], sent: Mapping[str, tuple[str, ...]]) -> bool:
        if alarm.short_name in sent:
            return True
        if alarm.suppressor is not None and states[alarm.suppressor] is State.ALARM:
            return self._is_told(self.alarms[alarm.suppressor], states, sent)
        return any(
            self._is_told(other, states, sent)
            for name, other in self.alarms.items()
            if other.composite
            and states[name] is State.ALARM
            and alarm.name in alarms_named_in(other.properties["AlarmRule"])
        )
