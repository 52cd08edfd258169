"""The database's password: generated, kept in every region, rotated, and never in a template."""

from typing import Any

import pytest

from configuration.names import Stacks
from configuration.security_matrix import DESCRIPTIONS, Role
from tests.synthesis import PROJECT, Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, order, role_statements, text

SECRET = "AWS::SecretsManager::Secret"
SCHEDULE = "AWS::SecretsManager::RotationSchedule"
FUNCTION = "AWS::Lambda::Function"


@pytest.fixture(scope="module")
def own_rotation() -> StackTemplate:
    return synthesise(environment(regions=2, database={"rotation": "own"})).stack(Stacks.DATABASE)


def group_id(networking: StackTemplate, role: Role) -> str:
    """The logical id of a role's security group; EC2 takes no apostrophe in a description."""
    wanted = DESCRIPTIONS[role].replace("'", "")
    (found,) = [
        logical_id
        for logical_id, group in networking.of_type("AWS::EC2::SecurityGroup").items()
        if group["Properties"]["GroupDescription"] == wanted
    ]
    return found


def reference(logical_id: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, "GroupId"]}


def admits(networking: StackTemplate, source: str, destination: str, port: int) -> bool:
    """Whether a rule on each side lets one group connect to another."""
    ingress = any(
        (rule["GroupId"], rule.get("SourceSecurityGroupId"), rule["FromPort"], rule["ToPort"])
        == (reference(destination), reference(source), port, port)
        for rule in networking.properties("AWS::EC2::SecurityGroupIngress")
    )
    egress = any(
        (rule["GroupId"], rule.get("DestinationSecurityGroupId"), rule["FromPort"], rule["ToPort"])
        == (reference(source), reference(destination), port, port)
        for rule in networking.properties("AWS::EC2::SecurityGroupEgress")
    )
    return ingress and egress


def schedules(assembly: Assembly) -> dict[str, dict[str, Any]]:
    """Every rotation schedule's properties, by region."""
    return {stack.region: found["Properties"] for stack, _, found in assembly.resources(SCHEDULE)}


@pytest.mark.parametrize("retain_data", [True, False], ids=["retained", "disposable"])
def test_the_password_is_generated_and_read_by_reference(platform: Assembly, retain_data: bool) -> None:
    assembly = synthesise(environment(regions=len(platform.environment.regions), retain_data=retain_data))
    home = assembly.stack(Stacks.DATABASE)
    ((secret_id, secret),) = home.of_type(SECRET).items()
    generated = secret["Properties"]["GenerateSecretString"]
    assert "SecretString" not in secret["Properties"]
    assert (generated["GenerateStringKey"], generated["PasswordLength"]) == ("password", 32)
    # What RDS refuses: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    assert set('/@" ') <= set(generated["ExcludeCharacters"])
    instance = one(home, "AWS::RDS::DBInstance")
    for name, key in (("MasterUsername", "username"), ("MasterUserPassword", "password")):
        expected = f"{{{{resolve:secretsmanager:${{{secret_id}}}:SecretString:{key}::}}}}"
        assert text(instance[name]) == expected
    assert secret["DeletionPolicy"] == ("RetainExceptOnCreate" if retain_data else "Delete")


def test_every_other_region_has_a_copy_of_the_secret_under_its_own_key(platform: Assembly) -> None:
    home = platform.stack(Stacks.DATABASE)
    secret = one(home, SECRET)
    assert secret["Name"] == "Acme-test-DatabaseCredentials"
    assert "DatabaseKey" in text(secret["KmsKeyId"])
    others = {region.name for region in platform.environment.regions} - {home.region}
    copies = {copy["Region"]: copy["KmsKeyId"] for copy in secret.get("ReplicaRegions", [])}
    assert copies == {
        region: f"arn:aws:kms:{region}:000000000000:alias/Acme-test-Database" for region in sorted(others)
    }
    for region in others:
        aliases = platform.stack(Stacks.SECURITY, region).properties("AWS::KMS::Alias")
        assert "alias/Acme-test-Database" in {alias["AliasName"] for alias in aliases}
        assert f"Acme-test-Security-{region}" in order(platform)[home.name]


def test_the_secret_rotates_every_30_days_by_the_hosted_single_user_function(platform: Assembly) -> None:
    ((region, schedule),) = schedules(platform).items()
    assert region == platform.environment.home.name
    assert schedule["RotationRules"] == {"ScheduleExpression": "rate(30 days)"}
    hosted = schedule["HostedRotationLambda"]
    assert hosted["RotationType"] == "MySQLSingleUser"
    # Without it the function may not decrypt the secret; its runtime is the transform's to choose.
    assert "DatabaseKey" in text(hosted["KmsKeyArn"])
    assert "Runtime" not in hosted
    home = platform.stack(Stacks.DATABASE)
    assert home.template["Transform"] == "AWS::SecretsManager-2024-09-16"
    # The attachment, not the secret: rotation needs the host, which the attachment writes into it.
    (attachment_id,) = home.of_type("AWS::SecretsManager::SecretTargetAttachment")
    assert schedule["SecretId"] == {"Ref": attachment_id}


def test_the_hosted_function_runs_in_the_isolated_subnets_and_its_own_group(platform: Assembly) -> None:
    ((_, schedule),) = schedules(platform).items()
    hosted = schedule["HostedRotationLambda"]
    subnets = text(hosted["VpcSubnetIds"]).split(",")
    assert len(subnets) == 3
    assert all("IsolatedSubnet" in subnet for subnet in subnets)
    assert "SecurityGroupsRotation" in text(hosted["VpcSecurityGroupIds"])


@pytest.mark.parametrize("rotated", ["us-east-1", "us-west-2"])
def test_rotation_reaches_the_database_and_secrets_manager_and_nothing_else(rotated: str) -> None:
    """No construct of the rotation adds these rules by itself."""
    database = {"rotation_region": rotated, "instances": [{"region": "us-west-2", "promoted": True}]}
    networking = synthesise(environment(regions=2, database=database)).stack(Stacks.NETWORKING, rotated)
    rotation, data = group_id(networking, Role.ROTATION), group_id(networking, Role.DATA)
    (endpoint,) = [
        found
        for found in networking.properties("AWS::EC2::VPCEndpoint")
        if found["ServiceName"] == f"com.amazonaws.{rotated}.secretsmanager"
    ]
    assert endpoint["PrivateDnsEnabled"] is True
    assert all("IsolatedSubnet" in text(subnet) for subnet in endpoint["SubnetIds"])
    ((_, (endpoint_group, _)),) = endpoint["SecurityGroupIds"][0].items()
    assert admits(networking, rotation, data, 3306)
    assert admits(networking, rotation, endpoint_group, 443)
    ways = [
        rule
        for rule in networking.properties("AWS::EC2::SecurityGroupEgress")
        if rule["GroupId"] == reference(rotation)
    ]
    assert len(ways) == 2


def test_the_databases_group_opens_no_connection_and_says_so(platform: Assembly) -> None:
    """An explicit rule that matches nothing: without any, EC2 would allow everything (requirement B5)."""
    for networking in platform.of(Stacks.NETWORKING):
        data = group_id(networking, Role.DATA)
        rules = networking.resources[data]["Properties"]["SecurityGroupEgress"]
        assert [rule["CidrIp"] for rule in rules] == ["255.255.255.255/32"]
        assert all(
            rule["GroupId"] != reference(data) for rule in networking.properties("AWS::EC2::SecurityGroupEgress")
        )


def test_the_own_function_takes_the_hosted_ones_place(own_rotation: StackTemplate) -> None:
    ((function_id, function),) = own_rotation.of_type(FUNCTION).items()
    schedule = one(own_rotation, SCHEDULE)
    assert schedule["RotationLambdaARN"] == {"Fn::GetAtt": [function_id, "Arn"]}
    assert schedule["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert "HostedRotationLambda" not in schedule
    assert "Transform" not in own_rotation.template
    network = function["Properties"]["VpcConfig"]
    assert all("IsolatedSubnet" in text(subnet) for subnet in network["SubnetIds"])
    (group,) = network["SecurityGroupIds"]
    assert "SecurityGroupsRotation" in text(group)


def test_secrets_manager_of_this_account_alone_invokes_the_own_function(own_rotation: StackTemplate) -> None:
    ((permission_id, permission),) = own_rotation.of_type("AWS::Lambda::Permission").items()
    assert permission["Properties"]["Principal"] == "secretsmanager.amazonaws.com"
    assert permission["Properties"]["SourceAccount"] == "000000000000"
    ((_, schedule),) = own_rotation.of_type(SCHEDULE).items()
    # Secrets Manager tries the function when the schedule is made.
    assert permission_id in schedule["DependsOn"]


def test_the_own_function_may_change_this_secret_and_no_other(own_rotation: StackTemplate) -> None:
    (function,) = own_rotation.properties(FUNCTION)
    ((_, (role_id, _)),) = function["Role"].items()
    allowed = {
        action: statement for statement in role_statements(own_rotation, role_id) for action in statement["Action"]
    }
    secret = f"arn:aws:secretsmanager:{own_rotation.region}:000000000000:secret:Acme-test-DatabaseCredentials-??????"
    for action in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"):
        assert allowed[f"secretsmanager:{action}"]["Resource"] == [secret]
    of_secrets = {action for action in allowed if action.startswith("secretsmanager:")}
    assert len(of_secrets) == 5  # the fifth is GetRandomPassword, which knows no resource
    assert "secretsmanager:GetRandomPassword" in of_secrets


def test_the_own_function_finds_the_authorities_it_is_told_to_trust(own_rotation: StackTemplate) -> None:
    (function,) = own_rotation.properties(FUNCTION)
    bundle = function["Environment"]["Variables"]["DATABASE_CA_BUNDLE"]
    # The archive's root is the folder of the functions' sources.
    assert (PROJECT / "lambda" / bundle).is_file()
    assert own_rotation.region in bundle
