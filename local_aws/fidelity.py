"""How much stands behind each CloudFormation type: who provides it, and what of it exists on paper only.

Who provides a type is read from the running server. That nothing happens behind a resource no server can know of
itself: it is written down here, for a service as a whole or for a single type, with what doesn't happen.
"""

from __future__ import annotations

from typing import TypedDict

from ministack.services.cloudformation import provisioners

from local_aws.resource_type import PROVIDED, Origin


class Fidelity(TypedDict):
    """What the page about the resources tells of one type.

    Attributes:
        provider: one of the values of :class:`Origin`.
        metadata_only: whether it can be made, read, changed and deleted, and nothing more.
        lacks: what doesn't happen; empty for a type that works as far as this platform uses it.
    """

    provider: str
    metadata_only: bool
    lacks: str


METADATA_ONLY: dict[str, str] = {
    "AWS::ApiGateway::Account": "nothing writes the access logs it allows",
    "AWS::ApiGateway::UsagePlan": "nothing is throttled or counted",
    "AWS::ApplicationAutoScaling": "nothing scales",
    "AWS::AutoScaling": "no instance starts, so nothing scales",
    "AWS::Backup": "no job runs",
    "AWS::CertificateManager": "nothing is validated, and no endpoint speaks TLS",
    "AWS::CDK": "it is a record on AWS too",
    "AWS::CloudFront": "nothing is served or cached",
    "AWS::CloudTrail": "nothing is delivered",
    "AWS::CloudWatch::AnomalyDetector": "nothing is learnt",
    "AWS::CloudWatch::Dashboard": "nothing draws it",
    "AWS::CodeBuild": "no build runs",
    "AWS::CodeDeploy": "nothing is deployed",
    "AWS::CodePipeline": "no pipeline runs",
    "AWS::Config": "nothing is recorded or evaluated",
    "AWS::EC2": "no packet travels and no instance starts",
    "AWS::ECS": "no task runs",
    "AWS::ElasticLoadBalancingV2": "no target is asked for its health, and no listener speaks TLS",
    "AWS::GuardDuty": "nothing is detected",
    "AWS::InspectorV2": "nothing is scanned",
    "AWS::Lambda::LayerVersion": "no function finds it below /opt",
    "AWS::Logs::MetricFilter": "no line becomes a metric",
    "AWS::Logs::ResourcePolicy": "no service delivers logs",
    "AWS::Macie": "nothing is discovered",
    "AWS::RDS": "no database runs, fails over or replicates",
    "AWS::Route53": "no name is resolved and nothing is probed",
    "AWS::SecurityHub": "nothing is checked",
    "AWS::SSM::Document": "no document runs",
    "AWS::Synthetics": "no canary runs",
    "AWS::WAFv2": "no request is filtered",
}
"""What doesn't happen, by type or by service; the longest name that fits a type holds for it."""


def of(resource_type: str) -> Fidelity:
    """What stands behind a type that the server provides."""
    kind = PROVIDED.get(resource_type)
    provider = kind.origin if kind else Origin.NATIVE
    lacks = _lacks(resource_type)
    if not lacks and provider in (Origin.MOTO, Origin.STAND_IN):
        lacks = "it is a record only"
    return Fidelity(provider=provider.value, metadata_only=bool(lacks), lacks=lacks)


def of_all() -> dict[str, Fidelity]:
    """What stands behind each type that the server provides, by name; custom resources run a function."""
    names = (name for name in provisioners._RESOURCE_HANDLERS if not name.startswith("AWS::CloudFormation::"))
    return {name: of(name) for name in sorted(names)}


def _lacks(resource_type: str) -> str:
    service = "::".join(resource_type.split("::")[:2])
    return METADATA_ONLY.get(resource_type) or METADATA_ONLY.get(service, "")
