"""What can be wrong with a request, in a code for programs and a sentence for people."""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """The codes and the HTTP status each is answered with; they are part of the API."""

    INVALID_REQUEST = 400
    NOT_FOUND = 404
    NOT_PROCESSED = 409
    RESULT_ELSEWHERE = 421
    REQUEST_IN_PROGRESS = 425
    BODY_TOO_LARGE = 413
    KEY_REUSED = 422
    INTERNAL_ERROR = 500
    TRY_AGAIN = 503


class ProblemError(Exception):
    """The request cannot be answered as asked; ``details`` are further members of the answer."""

    def __init__(self, code: Code, message: str, **details: str) -> None:
        super().__init__(message)
        self.code = code
        self.details = details

    def as_body(self) -> dict[str, str]:
        """The answer's JSON."""
        return {"code": self.code.name, "message": str(self), **self.details}
