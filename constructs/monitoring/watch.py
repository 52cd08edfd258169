"""Finds what works without anybody looking at it, and watches it.

An alarm stands in the stack of what it watches: they come and go together, and no stack has to export a name.
What has alarms of its own, made where it is made, is left alone.
"""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct
from constructs.monitoring.delivery_alarms import RuleAlarm
from constructs.monitoring.function_alarms import FunctionAlarms
from constructs.monitoring.queue_alarms import QueueAlarms
from constructs.shared.platform_alarm import PlatformAlarm, PlatformCompositeAlarm, ReportingAlarm, Severity
from constructs.shared.platform_queue import PlatformQueue
from constructs.shared.python_function import PythonFunction


def watch_functions(root: Construct, *, topic: sns.ITopic) -> None:
    """Alarms for every function below ``root``."""
    watched = _watched_names(root)
    for function in [found for found in root.node.find_all() if isinstance(found, PythonFunction)]:
        if function.function_name in watched:
            continue
        timeout = function.timeout
        FunctionAlarms(
            function,
            "Alarms",
            function_name=function.function_name,
            who=f"The function {_label(function)}",
            timeout_seconds=timeout.to_seconds() if timeout else None,
            topic=topic,
        )


def watch_queues(root: Construct, *, topic: sns.ITopic) -> None:
    """Alarms for every queue below ``root``; one that has no dead-letter queue is one."""
    watched = _watched_names(root)
    for queue in [found for found in root.node.find_all() if isinstance(found, PlatformQueue)]:
        if queue.queue_name in watched:
            continue
        QueueAlarms(
            queue,
            "Alarms",
            queue=queue,
            who=f"the queue {_label(queue)}",
            dead_letters=queue.dead_letter_queue is None,
            topic=topic,
        )


def watch_rules(stack: cdk.Stack, *, topic: sns.ITopic) -> None:
    """An alarm for every rule of a stack that sends events somewhere."""
    rules = [found for found in stack.node.find_all() if isinstance(found, events.CfnRule)]
    if not rules:
        return
    alarms = Construct(stack, "RuleAlarms")
    for rule in rules:
        named = rule.node.scope if isinstance(rule.node.scope, events.Rule) else rule
        RuleAlarm(alarms, _label(named), rule_name=rule.ref, who=_label(named), topic=topic)


def critical_alarms(stack: cdk.Stack, *, topic: sns.ITopic) -> list[ReportingAlarm]:
    """The critical alarms of a stack that report to ``topic`` themselves and not through a composite."""
    return [
        found
        for found in stack.node.find_all()
        if isinstance(found, PlatformAlarm | PlatformCompositeAlarm)
        and found.severity is Severity.CRITICAL
        and found.reports_to is topic
    ]


def _watched_names(root: Construct) -> set[object]:
    """The names that the dimensions of the alarms below ``root`` hold."""
    names: set[object] = set()
    for alarm in [found for found in root.node.find_all() if isinstance(found, PlatformAlarm)]:
        statistic = alarm.metric.to_metric_config().metric_stat
        if statistic is not None:
            names |= {dimension.value for dimension in statistic.dimensions or ()}
    return names


def _label(construct: IConstruct) -> str:
    """The construct's path below its stack, as one word."""
    scopes = construct.node.scopes[len(cdk.Stack.of(construct).node.scopes) :]
    return "-".join(scope.node.id for scope in scopes)
