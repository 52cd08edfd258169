"""What Lambda hands to a handler, as far as it is used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Context:
    """An invocation, with five minutes left by default."""

    function_name: str = "function"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:000000000000:function:function"
    aws_request_id: str = "request"
    milliseconds_left: int = 300_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds_left
