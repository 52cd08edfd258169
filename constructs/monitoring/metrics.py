"""How metrics are read: one place for periods and dimensions."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch


def metric(
    namespace: str,
    name: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str,
    minutes: int = 1,
    label: str | None = None,
) -> cloudwatch.Metric:
    """A metric of this region, aggregated over ``minutes``; ``dimensions`` are spelt as the service publishes them."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic=statistic,
        period=cdk.Duration.minutes(minutes),
        label=label,
    )


def math(expression: str, *, minutes: int, label: str, **metrics: cloudwatch.IMetric) -> cloudwatch.MathExpression:
    """An expression over ``metrics``, each known in it by its keyword."""
    return cloudwatch.MathExpression(
        expression=expression, using_metrics=metrics, period=cdk.Duration.minutes(minutes), label=label
    )
