"""The rules of a region, and what repairs a resource that breaks one."""

from collections.abc import Sequence

from aws_cdk import aws_config as config
from constructs import Construct, IDependable
from constructs.compliance.rules import RULES


class RuleSet(Construct):
    """``RULES`` of this region; those about the account only where ``with_account`` says so.

    ``after`` is what has to exist before a rule can: the recorder and its channel.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, with_account: bool, after: Sequence[IDependable]
    ) -> None:
        super().__init__(scope, construct_id)
        self.rules = {
            rule.identifier: config.ManagedRule(
                self,
                rule.name,
                identifier=rule.identifier,
                description=f"{rule.asks[0].upper()}{rule.asks[1:]} ({', '.join(rule.controls)})",
                input_parameters=dict(rule.parameters) or None,
            )
            for rule in RULES
            if with_account or not rule.of_account
        }
        self.node.add_dependency(*after)
