"""Logs, metrics and traces of a function: made here, used everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics
from aws_lambda_powertools.tracing import Tracer

from platform_runtime.environment import Variables

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class ObservabilitySettings:
    """Under which name a function logs, counts and is traced."""

    service: str
    metrics_namespace: str
    log_level: str

    @classmethod
    def read(cls, variables: Variables) -> ObservabilitySettings:
        """The settings of every function, from the variables that AWS Lambda Powertools defines."""
        return cls(
            service=variables.text("POWERTOOLS_SERVICE_NAME"),
            metrics_namespace=variables.text(
                "POWERTOOLS_METRICS_NAMESPACE",
                # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
                pattern=r"(?!AWS/)[^:][A-Za-z0-9 ./_#:-]{0,254}",
                rule="a CloudWatch namespace of at most 255 characters that is not AWS's own",
            ),
            log_level=variables.one_of("LOG_LEVEL", *_LOG_LEVELS),
        )


class Observability:
    """The logger, the metrics and the tracer of one function.

    Tracing is off wherever Powertools finds no Lambda environment, and harmless where no X-Ray daemon listens.
    """

    def __init__(self, settings: ObservabilitySettings) -> None:
        self.logger = Logger(service=settings.service, level=settings.log_level)
        self.metrics = Metrics(service=settings.service, namespace=settings.metrics_namespace)
        self.tracer = Tracer(service=settings.service, auto_patch=False)

    def trace_aws_calls(self) -> None:
        """Let the trace show the calls to AWS; to be called before the first client is made.

        Not at the start, because it imports all of botocore, and nothing else is patched for the same reason.
        """
        self.tracer.patch(["botocore"])

    @contextmanager
    def subsegment(self, name: str) -> Iterator[None]:
        """A part of the work that the trace shows on its own."""
        with self.tracer.provider.in_subsegment(name=f"## {name}"):
            yield
