"""Entry point of the canary: asks every target at the same time and publishes what came of it."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from platform_runtime.observability import Observability

from probe_application.probe import Answer, ask
from probe_application.settings import Settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

_SETTINGS = Settings.from_environment(os.environ)
_LOGGER = Observability(_SETTINGS.observability).logger


@_LOGGER.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, bool]:
    """Never fails because a target does: that is the metrics' message, and a retry would only blur it."""
    question = partial(ask, timeout_seconds=_SETTINGS.timeout_seconds)
    with ThreadPoolExecutor(max_workers=len(_SETTINGS.targets)) as pool:
        answers = dict(zip(_SETTINGS.targets, pool.map(question, _SETTINGS.targets.values()), strict=True))
    for target, answer in answers.items():
        _publish(target, answer)
    return {target: answer.available for target, answer in answers.items()}


def _publish(target: str, answer: Answer) -> None:
    """Two metrics by target (and, by Powertools, ``service``): the alarms spell the very same dimensions."""
    measured = (
        ("Available", MetricUnit.Percent, 100.0 if answer.available else 0.0),
        ("Latency", MetricUnit.Seconds, answer.seconds),
    )
    for name, unit, value in measured:
        with single_metric(
            name=name, unit=unit, value=value, namespace=_SETTINGS.observability.metrics_namespace
        ) as metric:
            metric.add_dimension(name="Target", value=target)
    if not answer.available:
        _LOGGER.warning("No good answer", target=target, url=_SETTINGS.targets[target], reason=answer.reason)
