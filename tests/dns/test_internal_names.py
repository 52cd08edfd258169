"""The private zones: the databases by names that do not change when the databases do."""

from typing import Any

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, order


def leads_to(stack: StackTemplate) -> dict[str, dict[str, Any]]:
    """Where the internal names of a region lead, as the look-up of a stack's output."""
    return {
        record["Name"]: record["ResourceRecords"][0]["Fn::GetStackOutput"]
        for record in stack.properties("AWS::Route53::RecordSet")
        if record["Type"] == "CNAME"
    }


def endpoint_in(region: str) -> dict[str, Any]:
    return {"StackName": f"Acme-test-Database-{region}", "Region": region, "OutputName": "EndpointAddress"}


def test_every_region_has_a_private_zone_for_its_network_alone(platform: Assembly) -> None:
    for region in platform.environment.regions:
        stack = platform.stack(Stacks.DNS, region.name)
        zone = one(stack, "AWS::Route53::HostedZone")
        assert zone["Name"] == f"internal.{region.name}.test.acme.example."
        (network,) = zone["VPCs"]
        assert network["VPCRegion"] == region.name


def test_the_writers_name_leads_everywhere_to_the_one_writer_and_the_readers_to_the_regions_own(
    platform: Assembly,
) -> None:
    home = platform.environment.home.name
    for region in platform.environment.regions:
        zone = f"internal.{region.name}.test.acme.example."
        assert leads_to(platform.stack(Stacks.DNS, region.name)) == {
            f"writer.database.{zone}": endpoint_in(home),
            f"reader.database.{zone}": endpoint_in(region.name),
        }


def test_the_writers_name_follows_a_promotion() -> None:
    promoted = synthesise(
        environment(
            database={
                "writer_region": "us-west-2",
                "instances": [{"region": "us-west-2", "promoted": True}],
            }
        )
    )
    for region in ("us-east-1", "us-west-2"):
        names = leads_to(promoted.stack(Stacks.DNS, region))
        assert names[f"writer.database.internal.{region}.test.acme.example."] == endpoint_in("us-west-2")


def test_names_are_written_after_the_databases_they_lead_to(platform: Assembly) -> None:
    before = order(platform)
    for stack in platform.of(Stacks.DNS):
        assert {found["StackName"] for found in leads_to(stack).values()} <= before[stack.name]


def test_the_application_asks_for_the_database_by_the_internal_name(platform: Assembly) -> None:
    for region in platform.environment.regions:
        asked = platform.environment.domain.database_writer_in(region)
        assert asked in str(platform.stack(Stacks.COMPUTE, region.name).template)
        assert f"{asked}." in leads_to(platform.stack(Stacks.DNS, region.name))
