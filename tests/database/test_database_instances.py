"""The database's instances: one in every region, of which one is written to and the others follow."""

import json
from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, order, role_statements, roles, text

INSTANCE = "AWS::RDS::DBInstance"


@pytest.fixture(
    scope="module",
    params=[(regions, retain) for regions in (1, 2, 3) for retain in (True, False)],
    ids=lambda value: f"{value[0]}-{'retained' if value[1] else 'disposable'}",
)
def assembly(request: pytest.FixtureRequest) -> Assembly:
    regions, retain_data = request.param
    return synthesise(environment(regions=regions, retain_data=retain_data, db_backup_retention_days=11))


def instance(stack: StackTemplate) -> dict[str, Any]:
    return one(stack, INSTANCE)


def imported(stack: StackTemplate, value: Any) -> str:
    """What a value that another stack of the region exports refers to there."""
    assert value.keys() == {"Fn::ImportValue"}
    assert f"-{stack.region}:" in value["Fn::ImportValue"]
    return str(value["Fn::ImportValue"])


def test_every_region_has_one_instance_and_nothing_else_has_any(assembly: Assembly) -> None:
    found = sorted((stack.service, stack.region) for stack, _, _ in assembly.resources(INSTANCE))
    assert found == sorted((Stacks.DATABASE, region.name) for region in assembly.environment.regions)
    assert list(assembly.resources("AWS::RDS::DBCluster")) == []


def test_an_instance_survives_a_zone_and_its_backups_the_days_of_the_file(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.DATABASE):
        assert instance(stack)["MultiAZ"] is True
        assert instance(stack)["BackupRetentionPeriod"] == 11
        assert instance(stack)["CopyTagsToSnapshot"] is True


def test_an_instance_is_encrypted_with_the_regions_key_and_so_are_its_insights(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.DATABASE):
        for name in ("KmsKeyId", "PerformanceInsightsKMSKeyId"):
            assert "DatabaseKey" in imported(stack, instance(stack)[name])
        # A copy is encrypted by its key; RDS takes no switch beside it.
        is_first = stack.region == assembly.environment.home.name
        assert instance(stack).get("StorageEncrypted") == (True if is_first else None)


def test_an_instance_stands_in_the_isolated_subnets_and_nobody_outside_reaches_it(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.DATABASE):
        (group_id,) = stack.of_type("AWS::RDS::DBSubnetGroup")
        assert instance(stack)["DBSubnetGroupName"] == {"Ref": group_id}
        subnets = stack.resources[group_id]["Properties"]["SubnetIds"]
        assert len(subnets) == len(assembly.environment.home.availability_zones)
        assert all("IsolatedSubnet" in imported(stack, subnet) for subnet in subnets)
        assert instance(stack)["PubliclyAccessible"] is False
        (group,) = instance(stack)["VPCSecurityGroups"]
        assert "SecurityGroupsData" in imported(stack, group)


def test_an_instance_refuses_connections_without_tls(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.DATABASE):
        (parameters_id,) = stack.of_type("AWS::RDS::DBParameterGroup")
        assert instance(stack)["DBParameterGroupName"] == {"Ref": parameters_id}
        parameters = stack.resources[parameters_id]["Properties"]
        assert parameters["Parameters"]["require_secure_transport"] == "1"
        # What is promoted has to serve with the same engine as what it was copied from.
        assert parameters["Family"] == "mysql8.4"


def test_an_instance_tells_how_it_does(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.DATABASE):
        found = instance(stack)
        assert found["EnablePerformanceInsights"] is True
        assert found["MonitoringInterval"] == 60
        (role_id,) = roles(stack, "monitoring.rds.amazonaws.com")
        assert found["MonitoringRoleArn"] == {"Fn::GetAtt": [role_id, "Arn"]}
        groups = {group["LogGroupName"]: group for group in stack.properties("AWS::Logs::LogGroup")}
        exported = {
            f"/aws/rds/instance/{found['DBInstanceIdentifier']}/{log}" for log in found["EnableCloudwatchLogsExports"]
        }
        assert exported == {f"/aws/rds/instance/acme-test-database/{log}" for log in ("error", "slowquery")}
        assert groups.keys() == exported
        for group in groups.values():
            assert group["RetentionInDays"] == assembly.environment.log_retention_days
            assert "LogsKey" in imported(stack, group["KmsKeyId"])
        # RDS would make the groups itself, without key and retention.
        ((_, resource),) = stack.of_type(INSTANCE).items()
        assert set(resource["DependsOn"]) >= set(stack.of_type("AWS::Logs::LogGroup"))


def test_monitoring_writes_its_own_log_group_for_this_instance_alone(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.DATABASE):
        (role_id,) = roles(stack, "monitoring.rds.amazonaws.com")
        (trust,) = stack.resources[role_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Condition"]["ArnEquals"]["aws:SourceArn"] == (
            f"arn:aws:rds:{stack.region}:000000000000:db:acme-test-database"
        )
        group = f"arn:aws:logs:{stack.region}:000000000000:log-group:RDSOSMetrics"
        for statement in role_statements(stack, role_id):
            assert all(action.startswith("logs:") for action in statement["Action"])
            assert set(statement["Resource"]) <= {group, f"{group}:log-stream:*"}


def test_data_that_is_retained_outlives_a_deletion_and_other_data_does_not_stand_in_its_way(assembly: Assembly) -> None:
    retained = assembly.environment.retain_data
    for stack in assembly.of(Stacks.DATABASE):
        ((_, resource),) = stack.of_type(INSTANCE).items()
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == ("Snapshot" if retained else "Delete")
        assert resource["Properties"]["DeletionProtection"] is retained
        # Backups that outlive their instance hinder nobody and cost until somebody deletes them.
        assert resource["Properties"]["DeleteAutomatedBackups"] is not retained


def test_every_other_regions_instance_is_a_copy_of_homes(assembly: Assembly) -> None:
    home = assembly.environment.home.name
    before = order(assembly)
    for stack in assembly.of(Stacks.DATABASE):
        found = instance(stack)
        if stack.region == home:
            assert "SourceDBInstanceIdentifier" not in found
            assert (found["Engine"], found["DBName"]) == ("mysql", "platform")
            continue
        assert found["SourceDBInstanceIdentifier"] == f"arn:aws:rds:{home}:000000000000:db:acme-test-database"
        assert found["SourceRegion"] == home
        # They are its source's, and RDS refuses a copy that names them.
        for inherited in ("MasterUsername", "MasterUserPassword", "DBName", "AllocatedStorage", "Engine"):
            assert inherited not in found
        assert f"Acme-test-Database-{home}" in before[stack.name]


def test_copies_have_the_settings_of_the_writer(assembly: Assembly) -> None:
    """So that promotion changes nothing else, and what serves afterwards is as large as what served before."""
    writer = instance(assembly.stack(Stacks.DATABASE))
    for name in ("DBInstanceClass", "StorageType", "MaxAllocatedStorage", "PreferredBackupWindow", "Port"):
        assert {instance(stack)[name] for stack in assembly.of(Stacks.DATABASE)} == {writer[name]}


def test_a_lag_beyond_the_files_is_critical_and_so_is_silence() -> None:
    assembly = synthesise(environment(regions=3, database={"replica_lag_seconds": 90}))
    for stack in assembly.of(Stacks.DATABASE):
        alarms = [alarm for alarm in stack.properties("AWS::CloudWatch::Alarm") if '"ReplicaLag"' in json.dumps(alarm)]
        if stack.region == assembly.environment.home.name:
            assert alarms == []
            continue
        (alarm,) = alarms
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 90)
        assert alarm["TreatMissingData"] == "breaching"
        assert "\nSeverity: critical\n" in alarm["AlarmDescription"]
        # Itself, or with what else is wrong with the region's data.
        composites = assembly.resources("AWS::CloudWatch::CompositeAlarm")
        reporting = [alarm, *(row["Properties"] for _, _, row in composites if _names(row, alarm["AlarmName"]))]
        assert any("AlarmTopic" in text(action) for row in reporting for action in row.get("AlarmActions", []))
        lag = next(metric["MetricStat"]["Metric"] for metric in alarm["Metrics"] if "MetricStat" in metric)
        (instance_id,) = stack.of_type(INSTANCE)
        assert lag["Dimensions"] == [{"Name": "DBInstanceIdentifier", "Value": {"Ref": instance_id}}]
        # A copy that does not replicate reports -1, which is below every threshold.
        (expression,) = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
        assert expression == "IF(lag < 0, 180, lag)"


def _names(composite: dict[str, Any], alarm: str) -> bool:
    return f'ALARM("{alarm}")' in text(composite["Properties"]["AlarmRule"])
