"""Alarms that say what is wrong, how much it matters and what to do, and that somebody receives."""

from collections.abc import Sequence
from enum import StrEnum

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

RUNBOOKS_CONTEXT = "platform:runbooks"
"""The context key below which a stack tells its alarms where the runbooks are read."""

_IN_THE_REPOSITORY = "docs/runbooks"


class Severity(StrEnum):
    """How much an alarm matters: a critical one wakes somebody up, a warning is read in the morning."""

    CRITICAL = "critical"
    WARNING = "warning"


class PlatformAlarm(cloudwatch.Alarm):
    """A metric alarm that reports to ``topic`` when it fires and when it is over.

    ``meaning`` says in plain words what is wrong and for whom, ``runbook`` is the name of a file in
    ``docs/runbooks`` without its ending, and ``missing_data`` is chosen by whoever knows why the metric may be
    silent. ``topic`` is the region's alarm topic, whose only subscriber routes by severity; an alarm about that
    very path reports to the alert topic itself. The alarm's name is known at synthesis: a composite, a person
    and a message name it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        metric: cloudwatch.IMetric,
        threshold: float,
        evaluation_periods: int,
        missing_data: cloudwatch.TreatMissingData,
        severity: Severity,
        meaning: str,
        runbook: str,
        topic: sns.ITopic,
        datapoints_to_alarm: int | None = None,
        comparison_operator: cloudwatch.ComparisonOperator = (
            cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        ),
    ) -> None:
        self.known_name = _alarm_name(scope, construct_id)
        self.severity = severity
        self.reports_to: sns.ITopic | None = topic
        super().__init__(
            scope,
            construct_id,
            alarm_name=self.known_name,
            alarm_description=_description(scope, meaning=meaning, severity=severity, runbook=runbook),
            metric=metric,
            threshold=threshold,
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=datapoints_to_alarm,
            comparison_operator=comparison_operator,
            treat_missing_data=missing_data,
        )
        _report(self, topic)


class PlatformCompositeAlarm(cloudwatch.CompositeAlarm):
    """An alarm over other alarms, which reports in the place of those given as ``replaces``.

    A fault that makes them all fire then makes one message. While ``suppressed_by`` fires this one keeps quiet,
    because that one has said it already. The rule names alarms by their known names, so that it needs no
    reference to the stacks they stand in.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        rule: cloudwatch.IAlarmRule,
        severity: Severity,
        meaning: str,
        runbook: str,
        topic: sns.ITopic,
        replaces: "Sequence[ReportingAlarm]" = (),
        suppressed_by: cloudwatch.IAlarm | None = None,
    ) -> None:
        self.known_name = _alarm_name(scope, construct_id)
        self.severity = severity
        self.reports_to: sns.ITopic | None = topic
        super().__init__(
            scope,
            construct_id,
            composite_alarm_name=self.known_name,
            alarm_description=_description(scope, meaning=meaning, severity=severity, runbook=runbook),
            alarm_rule=rule,
            actions_suppressor=suppressed_by,
            # How long a message waits for the suppressor to fire, and how long it stays quiet afterwards.
            actions_suppressor_wait_period=cdk.Duration.minutes(2) if suppressed_by else None,
            actions_suppressor_extension_period=cdk.Duration.minutes(3) if suppressed_by else None,
        )
        for alarm in replaces:
            _silence(alarm)
        _report(self, topic)


ReportingAlarm = PlatformAlarm | PlatformCompositeAlarm
"""Alarms that somebody hears of."""


def runbook_link(scope: Construct, runbook: str) -> str:
    """Where a runbook is read: below the address the environment gives, or in the repository."""
    base = scope.node.try_get_context(RUNBOOKS_CONTEXT) or _IN_THE_REPOSITORY
    return f"{base}/{runbook}.md"


def alarm_name(stack_name: str, *construct_ids: str) -> str:
    """The name of the alarm whose constructs' ids lead from the stack to it, known in any region."""
    return "-".join([stack_name, *construct_ids])


def _alarm_name(scope: Construct, construct_id: str) -> str:
    stack = cdk.Stack.of(scope)
    below_stack = [ancestor.node.id for ancestor in scope.node.scopes[len(stack.node.scopes) :]]
    return alarm_name(stack.stack_name, *below_stack, construct_id)


def _description(scope: Construct, *, meaning: str, severity: Severity, runbook: str) -> str:
    return f"{meaning}\nSeverity: {severity}\nRunbook: {runbook_link(scope, runbook)}"


def _report(alarm: cloudwatch.AlarmBase, topic: sns.ITopic) -> None:
    action = actions.SnsAction(topic)
    alarm.add_alarm_action(action)
    alarm.add_ok_action(action)


def _silence(alarm: ReportingAlarm) -> None:
    alarm.reports_to = None
    resource = alarm.node.default_child
    assert isinstance(resource, cloudwatch.CfnAlarm | cloudwatch.CfnCompositeAlarm)  # noqa: S101 - narrows the type
    resource.alarm_actions = None
    resource.ok_actions = None
