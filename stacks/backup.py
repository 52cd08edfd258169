"""Backup: a region's recovery points, their copies in the partner region, and the proof that they restore."""

from aws_cdk import aws_backup as backup
from constructs import Construct
from constructs.backup.backup_plan import BackupPlan
from constructs.backup.backup_roles import BackupRole, RestoreTestRole
from constructs.backup.failed_jobs import FailedJobs
from constructs.backup.restore_tests import RestoreTests
from constructs.backup.vault import PlatformVault
from constructs.backup.vault_cleanup import VaultCleanup

from configuration.names import Key, Stacks
from stacks.networking import NetworkingStack
from stacks.security import SecurityStack
from stacks.tap_stack import TapStack, TapStackProps


class BackupStack(TapStack):
    """Databases and volumes that bear the backup tag, whichever stack made them."""

    def __init__(
        self,
        scope: Construct,
        *,
        props: TapStackProps,
        security: SecurityStack,
        networking: NetworkingStack,
    ) -> None:
        super().__init__(scope, Stacks.BACKUP, props=props, description="Recovery points and their copies")
        environment, names = props.environment, props.names
        settings = environment.backup
        aliases = [names.alias(key) for key in (Key.DATABASE, Key.COMPUTE, Key.BACKUP)]

        self.vault = PlatformVault(
            self,
            "Vault",
            vault_name=names.vault,
            key=security.backup_key,
            retention_days=(min(settings.retentions), max(settings.retentions)),
            lock_final_after_days=settings.lock_final_after_days,
            retain_data=environment.retain_data,
            removal_policy=self.removal_policy,
        )
        if not environment.retain_data:
            VaultCleanup(
                self,
                "VaultCleanup",
                vault=self.vault,
                environment_key=security.backup_key,
                logs_key=security.logs_key,
                log_retention_days=environment.log_retention_days,
            )
        regions = [region.name for region in (props.region, props.partner) if region]
        self.plan = BackupPlan(
            self,
            "Plan",
            plan_name=names.resource("BackupPlan"),
            settings=settings,
            vault=self.vault,
            copy_to=self._partner_vault(),
            role=BackupRole(self, "Role", vault_name=names.vault, regions=regions, key_aliases=aliases),
            tag=names.backup_tag,
        )
        if settings.restore_tests:
            RestoreTests(
                self,
                "RestoreTests",
                plan_name=names.restore_tests,
                vault=self.vault,
                role=RestoreTestRole(self, "RestoreTestRole", regions=[self.region], key_aliases=aliases),
                vpc=networking.vpc,
                security_group=networking.security_groups.data,
            )
        FailedJobs(self, "FailedJobs", alert_topic=security.alert_topic)

    def _partner_vault(self) -> backup.IBackupVault | None:
        if self.props.partner is None:
            return None
        arn = self.regional_arn("backup", f"backup-vault:{self.props.names.vault}", region=self.props.partner.name)
        return backup.BackupVault.from_backup_vault_arn(self, "PartnerVault", arn)
