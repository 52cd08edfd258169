"""The vaults: one in every region, locked where data is retained, emptied where it is not."""

from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, order, role_statements, statements_of, text

VAULT = "AWS::Backup::BackupVault"


@pytest.fixture(
    scope="module",
    params=[(regions, retain) for regions in (1, 2, 3) for retain in (True, False)],
    ids=lambda value: f"{value[0]}-{'retained' if value[1] else 'disposable'}",
)
def assembly(request: pytest.FixtureRequest) -> Assembly:
    regions, retain_data = request.param
    return synthesise(environment(regions=regions, retain_data=retain_data))


def denied(vault: dict[str, Any]) -> set[str]:
    """What nobody may do with a vault."""
    return {
        action
        for statement in statements_of(vault.get("AccessPolicy", {"Statement": []}))
        if statement["Effect"] == "Deny" and statement["Principal"] == {"AWS": "*"}
        for action in statement["Action"]
    }


def test_every_region_has_a_vault_of_the_same_name_under_its_own_key(assembly: Assembly) -> None:
    assert {stack.region for stack in assembly.of(Stacks.BACKUP)} == {
        region.name for region in assembly.environment.regions
    }
    for stack in assembly.of(Stacks.BACKUP):
        vault = one(stack, VAULT)
        assert vault["BackupVaultName"] == "Acme-test-Vault"
        assert f"Acme-test-Security-{stack.region}:" in text(vault["EncryptionKeyArn"])
        assert "BackupKey" in text(vault["EncryptionKeyArn"])


def test_a_vault_is_locked_for_what_the_plan_asks_where_data_is_retained(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        vault = one(stack, VAULT)
        if not assembly.environment.retain_data:
            assert "LockConfiguration" not in vault
            continue
        kept = [rule["Lifecycle"]["DeleteAfterDays"] for rule in rules(stack)]
        # Without days until it is final the lock can be lifted by somebody with the permission.
        assert vault["LockConfiguration"] == {"MinRetentionDays": min(kept), "MaxRetentionDays": max(kept)}


def rules(stack: StackTemplate) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = one(stack, "AWS::Backup::BackupPlan")["BackupPlan"]["BackupPlanRule"]
    return found


def test_nobody_deletes_a_recovery_point_where_data_is_retained(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        forbidden = {"backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"}
        assert denied(one(stack, VAULT)) == (forbidden if assembly.environment.retain_data else set())


def test_what_becomes_of_a_vault_follows_the_intention(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        ((vault_id, vault),) = stack.of_type(VAULT).items()
        contents = stack.of_type("Custom::VaultContents")
        if assembly.environment.retain_data:
            assert (vault["DeletionPolicy"], vault["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
            assert contents == {}
        else:
            assert vault["DeletionPolicy"] == "Delete"
            ((_, cleanup),) = contents.items()
            assert cleanup["Properties"]["BackupVaultName"] == {"Fn::GetAtt": [vault_id, "BackupVaultName"]}


def test_what_empties_a_vault_outlives_its_contents_and_may_do_nothing_else(assembly: Assembly) -> None:
    for stack in assembly.of(Stacks.BACKUP):
        for contents in stack.of_type("Custom::VaultContents").values():
            function_id = contents["Properties"]["ServiceToken"]["Fn::GetAtt"][0]
            assert function_id in contents["DependsOn"]
            function = stack.resources[function_id]
            role_id = function["Properties"]["Role"]["Fn::GetAtt"][0]
            statements = role_statements(stack, role_id)
            backup = {a for statement in statements for a in statement["Action"] if a.startswith("backup:")}
            assert backup == {"backup:ListRecoveryPointsByBackupVault", "backup:DeleteRecoveryPoint"}
            (deletes,) = [row for row in statements if "backup:DeleteRecoveryPoint" in row["Action"]]
            assert set(deletes["Resource"]) == {
                f"arn:aws:ec2:{stack.region}::snapshot/*",
                f"arn:aws:rds:{stack.region}:000000000000:snapshot:awsbackup:*",
            }


def test_a_lock_can_be_made_final() -> None:
    stack = synthesise(environment(regions=1, retain_data=True, backup={"lock_final_after_days": 7})).stack(
        Stacks.BACKUP
    )
    assert one(stack, VAULT)["LockConfiguration"]["ChangeableForDays"] == 7


def test_a_vault_waits_for_nothing_of_another_region(assembly: Assembly) -> None:
    """Two regions' plans name each other's vaults; were that an order, neither could begin."""
    before = order(assembly)
    for stack in assembly.of(Stacks.BACKUP):
        assert all(name.endswith(stack.region) for name in before[stack.name])
