"""The catalogue: one table, in every region a replica with the region's own key."""

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, environment, synthesise
from tests.template_reading import one, text


@pytest.mark.parametrize("regions", [1, 2, 3])
@pytest.mark.parametrize("retain_data", [True, False], ids=["retained", "disposable"])
def test_the_table_has_a_protected_replica_in_every_region(regions: int, retain_data: bool) -> None:
    assembly = synthesise(environment(regions=regions, retain_data=retain_data))
    home = assembly.stack(Stacks.STORAGE)
    table = one(home, "AWS::DynamoDB::GlobalTable")
    assert table["TableName"] == "Acme-test-Catalogue"
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    replicas = {replica["Region"]: replica for replica in table["Replicas"]}
    assert replicas.keys() == {region.name for region in assembly.environment.regions}
    for region, replica in replicas.items():
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is retain_data
        key = text(replica["SSESpecification"]["KMSMasterKeyId"])
        if region == home.region:
            assert "StorageKey" in key
        else:
            assert key == f"arn:aws:kms:{region}:000000000000:alias/Acme-test-Storage"
    ((_, resource),) = home.of_type("AWS::DynamoDB::GlobalTable").items()
    assert resource["DeletionPolicy"] == ("RetainExceptOnCreate" if retain_data else "Delete")


def test_a_single_table_has_no_stream_and_several_have_the_one_that_replication_needs() -> None:
    for regions in (1, 2):
        stack = synthesise(environment(regions=regions)).stack(Stacks.STORAGE)
        assert ("StreamSpecification" in one(stack, "AWS::DynamoDB::GlobalTable")) is (regions > 1)


def test_nothing_is_indexed_that_nothing_queries(platform: Assembly) -> None:
    for _, _, table in platform.resources("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"):
        assert "GlobalSecondaryIndexes" not in table["Properties"]
        assert "LocalSecondaryIndexes" not in table["Properties"]


def test_the_table_stands_once_and_in_the_home_region(platform: Assembly) -> None:
    found = [stack.region for stack in platform.of(Stacks.STORAGE) if stack.of_type("AWS::DynamoDB::GlobalTable")]
    assert found == [platform.environment.home.name]


def test_each_region_watches_how_its_items_reach_the_others() -> None:
    assembly = synthesise(environment(regions=3, storage={"catalogue_lag_seconds": 7}))
    regions = {region.name for region in assembly.environment.regions}
    for stack in assembly.of(Stacks.REPLICATION):
        metrics = [
            (alarm, query["MetricStat"]["Metric"])
            for alarm in stack.properties("AWS::CloudWatch::Alarm")
            for query in alarm.get("Metrics", [])
            if query.get("MetricStat", {}).get("Metric", {}).get("Namespace") == "AWS/DynamoDB"
        ]
        assert {metric["MetricName"] for _, metric in metrics} == {"ReplicationLatency"}
        alarms = [alarm for alarm, _ in metrics]
        dimensions = [{row["Name"]: row["Value"] for row in metric["Dimensions"]} for _, metric in metrics]
        assert {found["ReceivingRegion"] for found in dimensions} == regions - {stack.region}
        assert {found["TableName"] for found in dimensions} == {"Acme-test-Catalogue"}
        assert {alarm["Threshold"] for alarm in alarms} == {7000}
