"""One question to the application, asked as a client would ask it."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

_OK = 200


@dataclass(frozen=True)
class Answer:
    """What came of a question: whether the application answered well, after how long, and if not, why."""

    available: bool
    seconds: float
    reason: str


def ask(
    url: str,
    *,
    timeout_seconds: float,
    context: ssl.SSLContext | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Answer:
    """GET ``url`` over a new connection, with the certificate verified; anything but 200 is a failure."""
    parts = urlsplit(url)
    started = clock()
    connection = http.client.HTTPSConnection(
        parts.hostname or "",
        parts.port or 443,
        timeout=timeout_seconds,
        context=context or ssl.create_default_context(),
    )
    try:
        connection.request("GET", parts.path or "/", headers={"User-Agent": "platform-canary", "Connection": "close"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return Answer(available=False, seconds=clock() - started, reason=f"{type(error).__name__}: {error}")
    finally:
        connection.close()
    return Answer(
        available=status == _OK, seconds=clock() - started, reason="" if status == _OK else f"status {status}"
    )
