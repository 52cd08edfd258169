"""How fast a promise to the clients is being used up."""

from collections.abc import Callable
from dataclasses import dataclass

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.monitoring.alarm_rules import firing
from constructs.shared.platform_alarm import PlatformAlarm, PlatformCompositeAlarm, Severity


@dataclass(frozen=True)
class Window:
    """A long window that shows the loss is real, and a short one that shows it goes on."""

    name: str
    long_minutes: int
    short_minutes: int
    rate: float
    severity: Severity


WINDOWS = (
    # The rates at which 2 %, 5 % and 10 % of a budget of 30 days are spent in the long window.
    # https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts
    Window("Fast", 60, 5, 14.4, Severity.CRITICAL),
    Window("Steady", 6 * 60, 30, 6, Severity.CRITICAL),
    Window("Slow", 24 * 60, 120, 3, Severity.WARNING),
)


class BurnRate(Construct):
    """One alarm for each of ``WINDOWS``, which fires while both of its windows burn the budget too fast.

    ``objective_percent`` is what was promised, ``failing`` gives the share that breaks the promise, in percent,
    for a window in minutes. ``promise`` names it in a sentence.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        promise: str,
        objective_percent: float,
        failing: Callable[[int], cloudwatch.IMetric],
        runbook: str,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        budget = round(100 - objective_percent, 6)
        for window in WINDOWS:
            parts = [
                PlatformAlarm(
                    self,
                    f"{window.name}{part}",
                    meaning=f"{promise}: {window.rate:g} times the allowed share, over {minutes} minutes.",
                    metric=failing(minutes),
                    threshold=round(window.rate * budget, 6),
                    comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
                    evaluation_periods=1,
                    # Without requests there is no share; the metric says 0 then.
                    missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
                    severity=window.severity,
                    runbook=runbook,
                    topic=topic,
                )
                for part, minutes in (("Long", window.long_minutes), ("Short", window.short_minutes))
            ]
            composite = PlatformCompositeAlarm(
                self,
                window.name,
                rule=cloudwatch.AlarmRule.all_of(*(firing(part) for part in parts)),
                severity=window.severity,
                meaning=(
                    f"{promise}: the budget of 30 days is being spent {window.rate:g} times too fast, in the last "
                    f"{window.long_minutes} minutes and in the last {window.short_minutes}."
                ),
                runbook=runbook,
                topic=topic,
                replaces=parts,
            )
            composite.node.add_dependency(*parts)
