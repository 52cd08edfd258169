"""Compliance: what is recorded of a region's resources and held against rules."""

from aws_cdk import aws_s3 as s3
from constructs import Construct, IDependable
from constructs.compliance.aggregator import RegionsAggregator
from constructs.compliance.config_recorder import ConfigRecorder
from constructs.compliance.remediation import Remediation
from constructs.compliance.rule_set import RuleSet

from configuration.names import Bucket, Stacks
from stacks.storage import StorageStack
from stacks.tap_stack import TapStack, TapStackProps


class ComplianceStack(TapStack):
    """AWS Config: recorder, delivery channel, rules, and in the home region the view of all regions.

    Where somebody else runs the recorder there are the rules alone. Changes of compliance are told by the
    function of the serverless stack.
    """

    def __init__(self, scope: Construct, *, props: TapStackProps, storage: StorageStack) -> None:
        super().__init__(scope, Stacks.COMPLIANCE, props=props, description="AWS Config")
        self.add_stack_dependency(storage, "the audit-log bucket is known by its name")
        environment = props.environment
        recording: list[IDependable] = []
        if environment.security.config_recorder == "create":
            audit_logs = s3.Bucket.from_bucket_name(
                self, "AuditLogs", props.names.bucket(Bucket.AUDIT_LOGS, self.region)
            )
            recorder = ConfigRecorder(self, "Recorder", bucket=audit_logs, record_global_types=props.is_home)
            recording.append(recorder)
        self.rule_set = RuleSet(self, "Rules", with_account=props.is_home, after=recording)
        if environment.compliance.auto_remediation:
            Remediation(self, "Remediation", rules=self.rule_set.rules)
        if props.is_home:
            RegionsAggregator(
                self,
                "Aggregator",
                name=props.names.resource("Compliance"),
                regions=[region.name for region in environment.regions],
            )
