"""What is backed up, when, for how long, and where its copies are."""

import json
from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, role_statements, roles, statements_of, text

PARTNERS = {"us-east-1": "us-west-2", "us-west-2": "us-east-1", "eu-west-1": "us-east-1"}
SELECTION = "AWS::Backup::BackupSelection"


def rules(stack: StackTemplate) -> dict[str, dict[str, Any]]:
    plan = one(stack, "AWS::Backup::BackupPlan")["BackupPlan"]
    return {rule["RuleName"]: rule for rule in plan["BackupPlanRule"]}


@pytest.fixture(
    scope="module",
    params=[(regions, retain) for regions in (1, 2, 3) for retain in (True, False)],
    ids=lambda value: f"{value[0]}-{'retained' if value[1] else 'disposable'}",
)
def assembly(request: pytest.FixtureRequest) -> Assembly:
    regions, retain_data = request.param
    settings = {"daily_retention_days": 9, "weekly_retention_days": 40, "monthly_retention_days": 200}
    return synthesise(environment(regions=regions, retain_data=retain_data, backup=settings))


def test_recovery_points_are_taken_and_kept_as_the_file_says(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        found = {name: (rule["ScheduleExpression"], rule["Lifecycle"]) for name, rule in rules(stack).items()}
        assert found == {
            "Daily": ("cron(0 3 * * ? *)", {"DeleteAfterDays": 9}),
            "Weekly": ("cron(0 3 ? * SUN *)", {"DeleteAfterDays": 40}),
            "Monthly": ("cron(0 3 1 * ? *)", {"DeleteAfterDays": 200}),
        }
        (vault_id,) = stack.of_type("AWS::Backup::BackupVault")
        for rule in rules(stack).values():
            assert rule["TargetBackupVault"] == {"Fn::GetAtt": [vault_id, "BackupVaultName"]}


def test_weeks_and_months_can_be_left_out() -> None:
    described = environment(regions=1, backup={"weekly_retention_days": None, "monthly_retention_days": None})
    assert rules(synthesise(described).stack(Stacks.BACKUP)).keys() == {"Daily"}


def test_every_recovery_point_is_copied_to_a_vault_that_the_partner_region_has(assembly: Assembly) -> None:
    vaults = {
        f"arn:aws:backup:{stack.region}:000000000000:backup-vault:{vault['Properties']['BackupVaultName']}"
        for stack, _, vault in assembly.resources("AWS::Backup::BackupVault")
    }
    for stack in assembly.of(Stacks.BACKUP):
        for rule in rules(stack).values():
            if len(assembly.environment.regions) == 1:
                assert "CopyActions" not in rule
                continue
            (copy,) = rule["CopyActions"]
            assert copy["DestinationBackupVaultArn"] in vaults
            assert f":{PARTNERS[stack.region]}:" in copy["DestinationBackupVaultArn"]
            assert copy["Lifecycle"] == rule["Lifecycle"]


def test_the_plan_keeps_out_of_the_databases_own_windows(assembly: Assembly) -> None:
    """In its windows, and in the hour before, RDS takes no snapshot for AWS Backup.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup.html
    """
    for stack in assembly.of(Stacks.BACKUP):
        instance = one(assembly.stack(Stacks.DATABASE, stack.region), "AWS::RDS::DBInstance")
        ends = int(instance["PreferredBackupWindow"].split("-")[1].split(":")[0])
        starts = int(instance["PreferredMaintenanceWindow"].split("-")[0].split(":")[1])
        for rule in rules(stack).values():
            hour = int(rule["ScheduleExpression"].split()[1])
            assert ends <= hour
            assert hour + rule["CompletionWindowMinutes"] / 60 <= starts - 1


def test_the_selection_takes_databases_and_volumes_that_bear_the_tag(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        selection = one(stack, SELECTION)["BackupSelection"]
        assert set(selection["Resources"]) == {
            f"arn:aws:rds:{stack.region}:000000000000:db:*",
            f"arn:aws:ec2:{stack.region}:000000000000:volume/*",
        }
        assert selection["Conditions"] == {
            "StringEquals": [{"ConditionKey": "aws:ResourceTag/Backup", "ConditionValue": "Acme-test"}]
        }
        (role_id,) = [role for role in roles(stack, "backup.amazonaws.com") if role.startswith("Role")]
        assert selection["IamRoleArn"] == {"Fn::GetAtt": [role_id, "Arn"]}


def test_every_database_and_every_volume_bears_the_tag(assembly: Assembly) -> None:
    tag = {"Key": "Backup", "Value": "Acme-test"}
    instances = list(assembly.resources("AWS::RDS::DBInstance"))
    assert len(instances) == len(assembly.environment.regions)
    for _, logical_id, instance in instances:
        assert tag in instance["Properties"]["Tags"], logical_id
    templates = list(assembly.resources("AWS::EC2::LaunchTemplate"))
    assert len(templates) == len(assembly.environment.regions)
    for _, logical_id, template in templates:
        tagged = template["Properties"]["LaunchTemplateData"]["TagSpecifications"]
        (volumes,) = [row["Tags"] for row in tagged if row["ResourceType"] == "volume"]
        assert tag in volumes, logical_id


def test_the_role_copies_between_the_two_regions_and_their_keys_alone(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        allowed = {stack.region}
        if len(assembly.environment.regions) > 1:
            allowed.add(PARTNERS[stack.region])
        (role_id,) = [role for role in roles(stack, "backup.amazonaws.com") if role.startswith("Role")]
        statements = role_statements(stack, role_id)
        regions = {
            resource.split(":")[3] for row in statements for resource in row["Resource"] if resource.startswith("arn:")
        }
        assert regions == allowed
        of_keys = [row for row in statements if any(action.startswith("kms:") for action in row["Action"])]
        assert {action for row in of_keys for action in row["Action"]} >= {"kms:CreateGrant", "kms:DescribeKey"}
        for row in of_keys:
            assert set(row["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"]) == {
                f"alias/Acme-test-{purpose}" for purpose in ("Database", "Compute", "Backup")
            }


def test_restores_are_rehearsed_every_week_of_what_the_vault_holds(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        plan = one(stack, "AWS::Backup::RestoreTestingPlan")
        (vault_id,) = stack.of_type("AWS::Backup::BackupVault")
        assert plan["ScheduleExpression"] == "cron(0 10 ? * MON *)"
        assert plan["RecoveryPointSelection"]["IncludeVaults"] == [{"Fn::GetAtt": [vault_id, "BackupVaultArn"]}]
        selections = {
            row["ProtectedResourceType"]: row for row in stack.properties("AWS::Backup::RestoreTestingSelection")
        }
        assert selections.keys() == {"RDS", "EBS"}
        restored = selections["RDS"]["RestoreMetadataOverrides"]
        (subnets_id,) = stack.of_type("AWS::RDS::DBSubnetGroup")
        assert restored["dbSubnetGroupName"] == {"Ref": subnets_id}
        subnets = stack.resources[subnets_id]["Properties"]["SubnetIds"]
        assert all("IsolatedSubnet" in text(subnet) for subnet in subnets)
        assert "SecurityGroupsData" in text(restored["vpcSecurityGroupIds"])


def test_rehearsals_can_be_switched_off() -> None:
    stack = synthesise(environment(regions=1, backup={"restore_tests": False})).stack(Stacks.BACKUP)
    assert not [row for row in stack.resources.values() if "RestoreTesting" in row["Type"]]


def test_a_job_that_fails_is_told_to_the_alert_topic(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        rule = one(stack, "AWS::Events::Rule")
        pattern = rule["EventPattern"]
        assert pattern["source"] == ["aws.backup"]
        kinds = {f"{kind} Job State Change" for kind in ("Backup", "Copy", "Restore")}
        assert set(pattern["detail-type"]) == kinds
        # Backup and copy jobs report a state, restore jobs a status.
        by_key = {key: set(values) for choice in pattern["detail"]["$or"] for key, values in choice.items()}
        assert by_key.keys() == {"state", "status"}
        assert all(values >= {"FAILED", "ABORTED", "EXPIRED"} for values in by_key.values())
        (target,) = rule["Targets"]
        assert "AlertTopic" in text(target["Arn"])
        assert "docs/runbooks/failed-backup.md" in target["InputTransformer"]["InputTemplate"]


def test_the_alert_topic_and_its_key_admit_the_rule(assembly: Assembly) -> None:
    """SNS passes EventBridge's source account on to no key, so the key knows the topic instead.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    """
    for security in assembly.of(Stacks.SECURITY):
        (topic,) = [logical_id for logical_id in security.of_type("AWS::SNS::Topic") if "AlertTopic" in logical_id]
        publishers = [
            statement["Principal"]["Service"]
            for policy in security.properties("AWS::SNS::TopicPolicy")
            if {"Ref": topic} in policy["Topics"]
            for statement in statements_of(policy["PolicyDocument"])
            if statement["Effect"] == "Allow" and "sns:Publish" in statement["Action"]
        ]
        assert "events.amazonaws.com" in json.dumps(publishers)
        (key,) = [key for key in security.properties("AWS::KMS::Key") if key["Description"].startswith("Topics")]
        topics = f"arn:aws:sns:{security.region}:000000000000:*"
        of_topics = {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}}
        (statement,) = [row for row in statements_of(key["KeyPolicy"]) if row.get("Condition") == of_topics]
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
