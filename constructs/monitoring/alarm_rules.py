"""Rules of composite alarms that name alarms instead of referring to them."""

import jsii
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.shared.platform_alarm import ReportingAlarm


@jsii.implements(cloudwatch.IAlarmRule)
class _Firing:
    def __init__(self, name: str) -> None:
        self._name = name

    def render_alarm_rule(self) -> str:
        return f'ALARM("{self._name}")'


def firing(alarm: ReportingAlarm) -> cloudwatch.IAlarmRule:
    """That ``alarm`` of the same region fires: by its name, so that the stacks of the two need no export."""
    rule: cloudwatch.IAlarmRule = _Firing(alarm.known_name)
    return rule
