"""The zone, given or created, the certificates, and the public names of the regions."""

from typing import Any

import pytest

from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from tests.synthesis import Assembly, environment, synthesise
from tests.template_reading import one, order, text

GIVEN_ZONE = "Z0123456789ABCDEFGHIJ"
CERTIFICATE = "AWS::CertificateManager::Certificate"
RECORD = "AWS::Route53::RecordSet"
USERS_OF_THE_ZONE = (Stacks.COMPUTE, Stacks.DNS, Stacks.CDN, Stacks.EDGE, Stacks.GLOBAL)
# None of these is the region to which AWS pins certificates of distributions and metrics of health checks.
ELSEWHERE = (
    {"name": "eu-west-1", "cidr": "10.10.0.0/16"},
    {"name": "eu-central-1", "cidr": "10.20.0.0/16"},
)


def with_given_zone() -> Assembly:
    return synthesise(environment(regions=2, domain={"name": "test.acme.example", "hosted_zone_id": GIVEN_ZONE}))


def zone_ids(assembly: Assembly) -> set[str]:
    """Every zone that public records and certificates name; a zone made by another stack shows as its look-up."""
    internal = tuple(assembly.environment.domain.internal_in(region) for region in assembly.environment.regions)
    found = set()
    for stack, _, resource in assembly.resources(RECORD, CERTIFICATE):
        properties = resource["Properties"]
        if properties.get("Name", "").rstrip(".").endswith(internal):
            continue
        ids = [option["HostedZoneId"] for option in properties.get("DomainValidationOptions", [properties])]
        found |= {text(_followed(stack.resources, zone_id)) for zone_id in ids}
    return found


def _followed(resources: dict[str, Any], value: Any) -> Any:
    """What a parameter of the stack holds, where the value is taken from one."""
    match value:
        case {"Fn::GetAtt": [logical_id, "Value"]}:
            return resources[logical_id]["Properties"]["Value"]
    return value


def test_without_a_zone_the_platform_creates_it_first_and_tells_the_name_servers(platform: Assembly) -> None:
    zone = platform.stack(Stacks.ZONE, GLOBAL_SERVICES_REGION)
    assert one(zone, "AWS::Route53::HostedZone")["Name"] == "test.acme.example."
    servers = zone.template["Outputs"]["NameServers"]
    assert "'NameServers'" in str(servers["Value"])
    assert "Delegate test.acme.example" in servers["Description"]
    before = order(platform)
    for service in (Stacks.COMPUTE, Stacks.EDGE):
        for stack in platform.of(service):
            assert zone.name in before[stack.name], stack.name


def test_every_record_and_certificate_is_of_the_created_zone(platform: Assembly) -> None:
    (zone_id,) = zone_ids(platform)
    assert platform.stack(Stacks.ZONE, GLOBAL_SERVICES_REGION).name in zone_id
    assert '"OutputName": "ZoneId"' in zone_id


def test_a_stack_looks_the_created_zone_up_once(platform: Assembly) -> None:
    zone = platform.stack(Stacks.ZONE, GLOBAL_SERVICES_REGION).name
    for service in USERS_OF_THE_ZONE:
        for stack in platform.of(service):
            assert str(stack.template).count(zone) == 1, stack.name


def test_with_a_given_zone_none_is_created_and_every_record_is_in_it() -> None:
    assembly = with_given_zone()
    assert assembly.of(Stacks.ZONE) == ()
    assert zone_ids(assembly) == {GIVEN_ZONE}


def test_every_certificate_covers_the_public_names_and_those_of_every_region(platform: Assembly) -> None:
    certificates = [(stack, resource["Properties"]) for stack, _, resource in platform.resources(CERTIFICATE)]
    regions = [region.name for region in platform.environment.regions]
    standing = [(stack.service, stack.region) for stack, _ in certificates]
    assert sorted(standing) == sorted(
        [(Stacks.COMPUTE, region) for region in regions] + [(Stacks.EDGE, GLOBAL_SERVICES_REGION)]
    )
    domain = platform.environment.domain
    names = {domain.application, domain.cdn}
    for region in platform.environment.regions:
        names |= {domain.application_in(region), domain.cdn_in(region), domain.switches_in(region)}
    for _, certificate in certificates:
        covered = {certificate["DomainName"], *certificate["SubjectAlternativeNames"]}
        assert {name for name in names if not _covers(covered, name)} == set()
        assert certificate["ValidationMethod"] == "DNS"


def _covers(covered: set[str], name: str) -> bool:
    return name in covered or f"*.{name.split('.', 1)[1]}" in covered


def test_a_regions_name_leads_to_its_load_balancer_over_both_protocols(platform: Assembly) -> None:
    domain = platform.environment.domain
    for region in platform.environment.regions:
        stack = platform.stack(Stacks.DNS, region.name)
        records = [
            record for record in stack.properties(RECORD) if record["Name"] == f"{domain.application_in(region)}."
        ]
        assert {record["Type"] for record in records} == {"A", "AAAA"}
        for record in records:
            target = record["AliasTarget"]
            assert target["EvaluateTargetHealth"] is True
            assert text(target["DNSName"]).startswith("dualstack.")
            assert f"Acme-test-Compute-{region.name}:ExportsOutputFnGetAtt" in text(target["DNSName"])
            assert "CanonicalHostedZoneID" in text(target["HostedZoneId"])


def test_every_stack_of_the_global_services_stands_in_their_region_wherever_the_platform_is() -> None:
    assembly = synthesise(environment(regions=ELSEWHERE))
    standing = {stack.service for stack in assembly.stacks if stack.region == GLOBAL_SERVICES_REGION}
    # The pipeline keeps there what it hands over to them.
    assert standing - {Stacks.CICD} == {Stacks.ZONE, Stacks.EDGE, Stacks.GLOBAL}
    for stack in assembly.of(Stacks.CDN):
        assert stack.region in {region["name"] for region in ELSEWHERE}
        certificate = _certificate_of_distribution(stack.properties("AWS::CloudFront::Distribution"))
        assert certificate == {f"Acme-test-Edge-{GLOBAL_SERVICES_REGION}"}


def _certificate_of_distribution(distributions: list[dict[str, Any]]) -> set[str]:
    return {
        found["DistributionConfig"]["ViewerCertificate"]["AcmCertificateArn"]["Fn::GetStackOutput"]["StackName"]
        for found in distributions
    }


@pytest.mark.parametrize("regions", [1, 2, 3])
def test_no_two_stacks_write_the_same_record(regions: int) -> None:
    assembly = synthesise(environment(regions=regions))
    seen = [
        (resource["Properties"]["Name"], resource["Properties"]["Type"], resource["Properties"].get("SetIdentifier"))
        for _, _, resource in assembly.resources(RECORD)
    ]
    assert len(seen) == len(set(seen))
