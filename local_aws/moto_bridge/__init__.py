"""Services and operations that MiniStack lacks and moto has, behind the same port.

moto keeps records: nothing that it serves runs, and nothing of it outlives the server. Requests come through
MiniStack's front, so that signatures and IAM policies hold for them too.
"""

from local_aws.moto_bridge import (
    application_auto_scaling,
    code_deploy,
    code_pipeline,
    config,
    guard_duty,
    macie,
    security_hub,
    ssm_documents,
    synthetics,
    transit_gateway_routing,
    transit_gateways,
    waf_logging,
)
from local_aws.moto_bridge.gateway import install

__all__ = [
    "application_auto_scaling",
    "code_deploy",
    "code_pipeline",
    "config",
    "guard_duty",
    "install",
    "macie",
    "security_hub",
    "ssm_documents",
    "synthetics",
    "transit_gateway_routing",
    "transit_gateways",
    "waf_logging",
]
