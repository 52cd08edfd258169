"""What the functions of a region stand on."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The keys, the topics and the habits that all functions of a stack share."""

    messaging_key: kms.IKey
    storage_key: kms.IKey
    logs_key: kms.IKey
    notifications: sns.ITopic
    alerts: sns.ITopic
    alarms: sns.ITopic
    log_retention_days: int
    removal_policy: cdk.RemovalPolicy
    metrics_namespace: str

    def variables(self, service: str) -> dict[str, str]:
        """The environment variables that AWS Lambda Powertools reads in every function."""
        return {
            "POWERTOOLS_SERVICE_NAME": service,
            "POWERTOOLS_METRICS_NAMESPACE": self.metrics_namespace,
            "LOG_LEVEL": "INFO",
        }
