"""When recovery points are taken, of what, and how long they are kept."""

import aws_cdk as cdk
from aws_cdk import aws_backup as backup
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from configuration.backup import Backup
from configuration.partition import PARTITION

HOUR = "3"
WITHIN = cdk.Duration.hours(3)
"""From three to six in the morning (UTC), away from the hours in which RDS refuses snapshots."""


class BackupPlan(backup.BackupPlan):
    """Daily, weekly and monthly recovery points of what bears ``tag``, each copied to ``copy_to``.

    ``copy_to`` is the partner region's vault, or None without a partner. It has to exist when a copy is made,
    not when the plan is; the two regions' plans name each other's vaults.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        plan_name: str,
        settings: Backup,
        vault: backup.IBackupVault,
        copy_to: backup.IBackupVault | None,
        role: iam.IRole,
        tag: tuple[str, str],
    ) -> None:
        super().__init__(scope, construct_id, backup_plan_name=plan_name)
        self._vault = vault
        self._copy_to = copy_to
        self._rule("Daily", settings.daily_retention_days, day="*")
        if settings.weekly_retention_days is not None:
            self._rule("Weekly", settings.weekly_retention_days, week_day="SUN")
        if settings.monthly_retention_days is not None:
            self._rule("Monthly", settings.monthly_retention_days, day="1")
        self._select(role, tag)

    def _rule(self, name: str, days: int, *, day: str | None = None, week_day: str | None = None) -> None:
        kept = cdk.Duration.days(days)
        self.add_rule(
            backup.BackupPlanRule(
                rule_name=name,
                backup_vault=self._vault,
                schedule_expression=events.Schedule.cron(minute="0", hour=HOUR, day=day, week_day=week_day),
                start_window=cdk.Duration.hours(1),
                completion_window=WITHIN,
                delete_after=kept,
                copy_actions=(
                    [backup.BackupPlanCopyActionProps(destination_backup_vault=self._copy_to, delete_after=kept)]
                    if self._copy_to
                    else None
                ),
            )
        )

    def _select(self, role: iam.IRole, tag: tuple[str, str]) -> None:
        """Databases and volumes that bear the tag; resources and conditions both have to match.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html
        """
        key, value = tag
        stack = cdk.Stack.of(self)
        kinds = {"rds": "db:*", "ec2": "volume/*"}
        selection = backup.CfnBackupSelection(
            self,
            "Tagged",
            backup_plan_id=self.backup_plan_id,
            backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
                selection_name="Tagged",
                iam_role_arn=role.role_arn,
                resources=[
                    f"arn:{PARTITION}:{service}:{stack.region}:{stack.account}:{kind}"
                    for service, kind in kinds.items()
                ],
                conditions={"StringEquals": [{"ConditionKey": f"aws:ResourceTag/{key}", "ConditionValue": value}]},
            ),
        )
        # AWS Backup tries the role when it is given one.
        selection.node.add_dependency(role)
