"""The shares of a region's requests that break a promise, as metrics."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs.monitoring.metrics import math, metric

_NAMESPACE = "AWS/ApplicationELB"


def failed_percent(load_balancer: str, *, minutes: int, at_least: int) -> cloudwatch.IMetric:
    """The requests that failed through us, in percent; 0 while there are fewer than ``at_least`` in a window.

    The load balancer's own errors are counted apart from the targets': it has some when no target answers.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    counts = {
        name: metric(_NAMESPACE, published, {"LoadBalancer": load_balancer}, statistic="Sum", minutes=minutes)
        for name, published in (
            ("requests", "RequestCount"),
            ("target", "HTTPCode_Target_5XX_Count"),
            ("own", "HTTPCode_ELB_5XX_Count"),
        )
    }
    everything = "(FILL(requests, 0) + FILL(own, 0))"
    return math(
        f"IF({everything} >= {at_least}, 100 * (FILL(target, 0) + FILL(own, 0)) / {everything}, 0)",
        minutes=minutes,
        label="Failed requests in percent",
        **counts,
    )


def slow_percent(load_balancer: str, *, minutes: int, at_least: int, seconds: float) -> cloudwatch.IMetric:
    """The answers that took longer than ``seconds``, in percent; 0 while there are fewer than ``at_least``."""
    requests = metric(_NAMESPACE, "RequestCount", {"LoadBalancer": load_balancer}, statistic="Sum", minutes=minutes)
    fast = metric(
        _NAMESPACE,
        "TargetResponseTime",
        {"LoadBalancer": load_balancer},
        # The percentile rank: the share of the values up to a bound.
        statistic=f"PR(:{seconds:g})",
        minutes=minutes,
    )
    return math(
        f"IF(FILL(requests, 0) >= {at_least}, 100 - FILL(fast, 100), 0)",
        minutes=minutes,
        label="Slow answers in percent",
        requests=requests,
        fast=fast,
    )
