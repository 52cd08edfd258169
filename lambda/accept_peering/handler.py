"""Entry point: both handlers of CDK's custom-resource provider, which calls it until the attachment is available."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from accept_peering.acceptance import Step, next_step

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from mypy_boto3_ec2 import EC2Client

_LOGGER = Logger(service="accept_peering")


@_LOGGER.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Bring the attachment one step nearer; a deletion is CloudFormation's own, which deletes the attachment."""
    if event["RequestType"] == "Delete":
        return {"IsComplete": True}
    properties = event["ResourceProperties"]
    attachment_id = properties["AttachmentId"]
    ec2 = boto3.client("ec2", region_name=properties["PeerRegion"])
    state = _state(ec2, attachment_id)
    step = next_step(attachment_id, state)
    _LOGGER.info("Attachment looked at", attachment=attachment_id, state=state, step=step.value)
    if step is Step.ACCEPT:
        ec2.accept_transit_gateway_peering_attachment(TransitGatewayAttachmentId=attachment_id)
    return {"PhysicalResourceId": attachment_id, "IsComplete": step is Step.DONE}


def _state(ec2: EC2Client, attachment_id: str) -> str | None:
    """The attachment's state as the region of the asked gateway knows it, which hears of it a while later."""
    try:
        found = ec2.describe_transit_gateway_peering_attachments(TransitGatewayAttachmentIds=[attachment_id])
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidTransitGatewayAttachmentID.NotFound":
            raise
        return None
    attachments = found["TransitGatewayPeeringAttachments"]
    return attachments[0]["State"] if attachments else None
