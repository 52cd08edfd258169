"""The way from a region's pipeline to the repository."""

import aws_cdk as cdk
from aws_cdk import aws_codeconnections as codeconnections
from constructs import Construct


class RepositoryConnection(Construct):
    """A connection that exists already, or a new one.

    A new connection is PENDING until somebody authorises it in the console, once: the pipeline's source stage fails
    before. Each region has its own, so that a standby does not need the region it stands in for.

    Attributes:
        arn: the connection's ARN.
    """

    def __init__(self, scope: Construct, construct_id: str, *, existing: str | None, name: str) -> None:
        super().__init__(scope, construct_id)
        if existing is not None:
            self.arn = existing
            return
        connection = codeconnections.CfnConnection(self, "Connection", connection_name=name, provider_type="GitHub")
        self.arn = connection.attr_connection_arn
        cdk.CfnOutput(
            self,
            "Pending",
            value=self.arn,
            description="Authorise this connection once in the console, or releases stop at their source",
        )
