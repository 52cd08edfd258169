# ruff: noqa: D102 - the methods do what ResourceType says of them, and not all need everything they are given
"""The list of stand-ins, with the identifiers and the ARNs that AWS documents for them.

ARNs: the resource types of each service in https://docs.aws.amazon.com/service-authorization/latest/reference/;
what ``Ref`` returns: the type's page in the CloudFormation Template Reference.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, ClassVar

from local_aws.registry_schema import any_schema_of
from local_aws.resource_type import Attributes, Origin, Properties, Request, ResourceType, provides

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "stand-ins.local-aws.invalid")


@dataclass(frozen=True)
class StandIn:
    """One type.

    Attributes:
        name: the type.
        reason: why nothing better stands behind it.
        ref: what ``Ref`` returns, see below.
        attributes: what ``Fn::GetAtt`` returns, by attribute.

    In these texts ``{region}``, ``{account}`` and ``{ref}`` say what they say, ``{name}`` is the name the template
    gives or CloudFormation would make, ``{id}`` a UUID and ``{hex}`` 40 hexadecimal digits, both of which stay the same
    for as long as the resource is not replaced, ``{standard}`` the part of ``StandardsArn`` that names the standard,
    and ``{properties[X]}`` a property.
    """

    name: str
    reason: str
    ref: str
    attributes: dict[str, str] = field(default_factory=dict)


STAND_INS = (
    StandIn(
        "AWS::AccessAnalyzer::Analyzer",
        "neither MiniStack nor moto has IAM Access Analyzer",
        "arn:aws:access-analyzer:{region}:{account}:analyzer/{name}",
        {"Arn": "{ref}"},
    ),
    StandIn(
        "AWS::Backup::RestoreTestingPlan",
        "MiniStack's Backup has no restore testing, and moto's neither",
        "{properties[RestoreTestingPlanName]}",
        {"RestoreTestingPlanArn": "arn:aws:backup:{region}:{account}:restore-testing-plan:{ref}-{id}"},
    ),
    StandIn(
        "AWS::Backup::RestoreTestingSelection",
        "MiniStack's Backup has no restore testing, and moto's neither",
        "{properties[RestoreTestingPlanName]}|{properties[RestoreTestingSelectionName]}",
    ),
    StandIn(
        "AWS::CloudWatch::AnomalyDetector",
        "neither MiniStack nor moto learns from metrics",
        "{id}",
        {"Id": "{ref}"},
    ),
    *(
        StandIn(
            f"AWS::{service}::Connection",
            "a connection is made in the console, with the provider's consent",
            f"arn:aws:{namespace}:{{region}}:{{account}}:connection/{{id}}",
            {"ConnectionArn": "{ref}", "ConnectionStatus": "PENDING", "OwnerAccountId": "{account}"},
        )
        for service, namespace in (
            ("CodeConnections", "codeconnections"),
            ("CodeStarConnections", "codestar-connections"),
        )
    ),
    StandIn(
        "AWS::CodeStarNotifications::NotificationRule",
        "neither MiniStack nor moto has CodeStar Notifications",
        "arn:aws:codestar-notifications:{region}:{account}:notificationrule/{hex}",
        {"Arn": "{ref}"},
    ),
    StandIn(
        "AWS::Config::RemediationConfiguration",
        "nothing evaluates a rule here, so nothing would ever be remediated",
        "{properties[ConfigRuleName]}",
    ),
    StandIn(
        "AWS::InspectorV2::CisScanConfiguration",
        "nothing scans here",
        "arn:aws:inspector2:{region}:{account}:owner/{account}/cis-configuration/{id}",
        {"Arn": "{ref}"},
    ),
    StandIn(
        "AWS::InspectorV2::Filter",
        "nothing is ever found here that a filter could suppress",
        "arn:aws:inspector2:{region}:{account}:owner/{account}/filter/{hex}",
        {"Arn": "{ref}"},
    ),
    StandIn(
        "AWS::Logs::QueryDefinition",
        "neither MiniStack nor moto keeps query definitions",
        "{id}",
        {"QueryDefinitionId": "{ref}"},
    ),
    StandIn(
        "AWS::S3::StorageLens",
        "MiniStack's S3 has no Storage Lens",
        "{properties[StorageLensConfiguration][Id]}",
        {"StorageLensConfiguration.StorageLensArn": "arn:aws:s3:{region}:{account}:storage-lens/{ref}"},
    ),
    StandIn(
        "AWS::S3::StorageLensGroup",
        "MiniStack's S3 has no Storage Lens",
        "{properties[Name]}",
        {"StorageLensGroupArn": "arn:aws:s3:{region}:{account}:storage-lens-group/{ref}"},
    ),
    StandIn(
        "AWS::SecurityHub::FindingAggregator",
        "moto's Security Hub aggregates nothing",
        "arn:aws:securityhub:{region}:{account}:finding-aggregator/{id}",
        {"FindingAggregatorArn": "{ref}", "FindingAggregationRegion": "{region}"},
    ),
    StandIn(
        "AWS::SecurityHub::Standard",
        "moto's Security Hub has no standards",
        "arn:aws:securityhub:{region}:{account}:subscription/{standard}",
        {"StandardsSubscriptionArn": "{ref}"},
    ),
)


class StandInType(ResourceType):
    """What all stand-ins do: nothing, and answer."""

    service = "cloudformation"
    origin = Origin.STAND_IN
    of: ClassVar[StandIn]

    def create(self, request: Request) -> str:
        return self.of.ref.format_map(self._facts(request))

    def update(self, physical_id: str, old: Properties, request: Request) -> None:
        """Nothing: the stack keeps the properties."""

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Nothing: the stack forgets the resource."""

    def attributes(self, physical_id: str, request: Request) -> Attributes:
        facts = {**self._facts(request), "ref": physical_id}
        return {name: form.format_map(facts) for name, form in self.of.attributes.items()}

    def _facts(self, request: Request) -> dict[str, Any]:
        generated = request.name()
        named = next((part for part in any_schema_of(self.of.name).create_only if part.endswith("Name")), "")
        identity = uuid.uuid5(_NAMESPACE, f"{self.account}/{self.region}/{generated}")
        return {
            "account": self.account,
            "hex": identity.hex + identity.hex[:8],
            "id": str(identity),
            "name": request.get(named) or generated,
            "properties": request.properties,
            "region": self.region,
            "standard": str(request.get("StandardsArn", "")).rpartition(":")[2].partition("/")[2],
        }


for _each in STAND_INS:
    provides(_each.name)(type(_each.name.rpartition("::")[2], (StandInType,), {"of": _each, "__module__": __name__}))
