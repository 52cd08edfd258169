"""A request over loopback counts as encrypted.

The server speaks plain HTTP on an address that never leaves the computer. With IAM enforced, every policy that refuses
``"aws:SecureTransport": "false"`` would refuse everything, and so hide what else it says:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from ministack import app


def apply() -> None:
    """Repair it."""
    pin = app.pin_request_origin

    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:  # noqa: ARG001, FBT001 - MiniStack's own
        pin(source_ip, True)  # noqa: FBT003

    app.pin_request_origin = pin_request_origin
