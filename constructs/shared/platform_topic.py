"""Topics on which the platform speaks to people and programs."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct


class PlatformTopic(sns.Topic):
    """An encrypted topic that only TLS clients and the named services of this account may publish to."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        topic_name: str,
        key: kms.IKey,
        publishers: tuple[str, ...],
    ) -> None:
        self.known_name = topic_name
        super().__init__(
            scope,
            construct_id,
            topic_name=topic_name,
            display_name=topic_name,
            master_key=key,
            enforce_ssl=True,
        )
        self.add_to_resource_policy(
            iam.PolicyStatement(
                sid="ServicesOfThisAccount",
                principals=[iam.ServicePrincipal(service) for service in publishers],
                actions=["sns:Publish"],
                resources=[self.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}},
            )
        )
