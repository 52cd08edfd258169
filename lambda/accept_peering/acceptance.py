"""What there is to do about a peering attachment, by the state it is in."""

from __future__ import annotations

from enum import Enum

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayPeeringAttachment.html
_ON_ITS_WAY = frozenset({"initiating", "initiatingRequest", "pending", "modifying"})


class Step(Enum):
    """The next thing to do."""

    ACCEPT = "accept"
    WAIT = "wait"
    DONE = "done"


class AttachmentLostError(Exception):
    """The attachment is in a state from which it never becomes available."""


def next_step(attachment_id: str, state: str | None) -> Step:
    """The step that brings an attachment nearer to being available; ``state`` is None while its region has not seen it.

    Raises:
        AttachmentLostError: it was rejected or deleted, or it failed.
    """
    if state == "available":
        return Step.DONE
    if state == "pendingAcceptance":
        return Step.ACCEPT
    if state is None or state in _ON_ITS_WAY:
        return Step.WAIT
    raise AttachmentLostError(f"{attachment_id} is {state}: delete it and deploy again")
