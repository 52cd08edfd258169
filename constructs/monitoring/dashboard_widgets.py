"""The parts that dashboards are made of."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.monitoring.metrics import metric

FULL_WIDTH = 24


def heading(text: str) -> list[cloudwatch.IWidget]:
    """A row that says what the next ones are about."""
    return [cloudwatch.TextWidget(markdown=text, width=FULL_WIDTH, height=1, background=_TRANSPARENT)]


def row(*graphs: cloudwatch.IWidget) -> list[cloudwatch.IWidget]:
    """Graphs side by side; make them with :func:`graph` of the same number."""
    return list(graphs)


def graph(
    title: str,
    *lines: cloudwatch.IMetric,
    of: int,
    limit: float | None = None,
    region: str | None = None,
    from_zero: bool = True,
) -> cloudwatch.GraphWidget:
    """One of ``of`` graphs in a row; ``limit`` draws the line at which somebody is called."""
    return cloudwatch.GraphWidget(
        title=title,
        left=list(lines),
        left_annotations=[cloudwatch.HorizontalAnnotation(value=limit, label="Alarm")] if limit is not None else None,
        left_y_axis=cloudwatch.YAxisProps(min=0) if from_zero else None,
        width=FULL_WIDTH // of,
        height=6,
        region=region,
        live_data=True,
    )


def alarms(
    scope: Construct, construct_id: str, title: str, alarm_arns: Sequence[str], *, height: int = 3
) -> cloudwatch.AlarmStatusWidget:
    """The state of alarms, each known by its ARN."""
    return cloudwatch.AlarmStatusWidget(
        title=title,
        alarms=[
            cloudwatch.Alarm.from_alarm_arn(scope, f"{construct_id}{number}", arn)
            for number, arn in enumerate(alarm_arns)
        ],
        width=FULL_WIDTH,
        height=height,
    )


def search(
    namespace: str,
    dimensions: Sequence[str],
    name: str,
    *,
    statistic: str,
    minutes: int = 1,
    among: str = "",
    region: str | None = None,
) -> cloudwatch.MathExpression:
    """Every metric of a name that ``among`` leaves, in the words of a search: also of what is added later.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
    """
    schema = ",".join([namespace, *dimensions])
    query = f'{{{schema}}} MetricName="{name}" {among}'.strip()
    return cloudwatch.MathExpression(
        expression=f"SEARCH('{query}', '{statistic}', {minutes * 60})",
        using_metrics={},
        label="",
        period=cdk.Duration.minutes(minutes),
        search_region=region,
    )


def count(namespace: str, name: str, dimensions: Mapping[str, str], *, label: str) -> cloudwatch.Metric:
    """How many a minute."""
    return metric(namespace, name, dimensions, statistic="Sum", label=label)


_TRANSPARENT = cloudwatch.TextWidgetBackground.TRANSPARENT
