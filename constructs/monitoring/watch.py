"""Finds what works without anybody looking at it, and watches it.

An alarm stands in the stack of what it watches: they come and go together, and no stack has to export a name.
What has alarms of its own, made where it is made, is left alone.
"""

from typing import TypeVar

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

_Kind = TypeVar("_Kind")


def watch_functions(stack: cdk.Stack, *, topic: sns.ITopic) -> None:
    """Alarms for every function of a stack."""
    for function in _unwatched(stack, PythonFunction):
        timeout = function.timeout
        FunctionAlarms(
            function,
            "Alarms",
            function_name=function.function_name,
            who=f"The function {_label(function)}",
            timeout_seconds=timeout.to_seconds() if timeout else None,
            topic=topic,
        )


def watch_queues(stack: cdk.Stack, *, topic: sns.ITopic) -> None:
    """Alarms for every queue of a stack; one that has no dead-letter queue is one."""
    for queue in _unwatched(stack, PlatformQueue):
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


def _unwatched(stack: cdk.Stack, kind: type[_Kind]) -> list[_Kind]:
    found = [construct for construct in stack.node.find_all() if isinstance(construct, kind)]
    return [construct for construct in found if not _has_alarms(construct)]


def _has_alarms(construct: object) -> bool:
    assert isinstance(construct, Construct)  # noqa: S101 - narrows the type
    owner = construct.node.scope
    return owner is not None and any(isinstance(found, PlatformAlarm) for found in owner.node.children)


def _label(construct: IConstruct) -> str:
    """The construct's path below its stack, as one word."""
    scopes = construct.node.scopes[len(cdk.Stack.of(construct).node.scopes) :]
    return "-".join(scope.node.id for scope in scopes)
