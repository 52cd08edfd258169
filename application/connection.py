"""One client's connection: requests in, responses out, nobody waits for ever."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from application import logs
from application.lifecycle import Lifecycle
from application.messages import Head, ProtocolError, Request, Response, parse_head
from application.settings import Limits

MAX_HEAD_BYTES = 16384
"""The longest head of a request, and the longest line before a chunk."""

_LINGER_SECONDS = 1.0
_QUIET_SECONDS = 0.2
_HEALTH_PATHS = ("/health", "/health/deep")


class Connection:
    """Reads requests one after the other and has each answered by ``handler``.

    ``busy`` is true from the first byte of a request to the last of its response. When the process is draining,
    every response ends its connection; when it is closing, who has not begun a request has a moment left to.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        handler: Callable[[Request], Awaitable[Response]],
        limits: Limits,
        lifecycle: Lifecycle,
        log_health_checks: bool,
    ) -> None:
        self.busy = False
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._limits = limits
        self._lifecycle = lifecycle
        self._log_health_checks = log_health_checks
        self._peer = writer.get_extra_info("peername", [None])[0]

    async def serve(self) -> None:
        """Serve the client until it leaves, breaks a rule or the process ends."""
        try:
            while await self._exchange():
                pass
        except (OSError, EOFError, asyncio.TimeoutError):
            # The client is gone, or does not read what it asked for: there is nobody to tell.
            pass
        finally:
            self.busy = False
            await self._close()

    async def refuse(self) -> None:
        """Answer that there are too many connections, and end this one."""
        response = Response.error(503, "too many connections", {"Retry-After": "1"})
        with suppress(OSError, asyncio.TimeoutError):
            await self._send(response, head_only=False, close=True)
        await self._close()

    def close_idle(self) -> None:
        """End the connection if it is between two requests: politely, and a moment later in any case."""
        if not self.busy:
            self._writer.close()
            asyncio.get_running_loop().call_later(_LINGER_SECONDS, self._writer.transport.abort)

    def abort(self) -> None:
        """End the connection at once, whatever it is doing."""
        self._writer.transport.abort()

    async def _exchange(self) -> bool:
        """Answer one request; whether another may follow on this connection."""
        idle_seconds = _LINGER_SECONDS if self._lifecycle.closing else self._limits.idle_seconds
        first = await asyncio.wait_for(self._reader.readexactly(1), idle_seconds)
        self.busy = True
        started = time.monotonic()
        head: Head | None = None
        broken = False
        try:
            head = await self._read_head(first)
            request = Request(head, head.path, await self._read_body(head))
            response = await self._answer(request)
        except ProtocolError as error:
            response, broken = error.response, True
        close = broken or head is None or not head.keep_alive or self._lifecycle.draining
        await self._send(response, head_only=head is not None and head.method == "HEAD", close=close)
        self._log(head, response, time.monotonic() - started)
        if broken:
            await self._linger()
        self.busy = False
        return not close

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._handler(request)
        except Exception:  # noqa: BLE001 - whatever fails, the client gets an answer and the next one is served
            logs.exception("request_failed", method=request.head.method, path=request.path)
            return Response.error(500, "internal error")

    async def _read_head(self, first: bytes) -> Head:
        try:
            raw = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), self._limits.header_seconds)
        except asyncio.LimitOverrunError:
            raise ProtocolError(431, f"the header is longer than {MAX_HEAD_BYTES} bytes") from None
        except asyncio.TimeoutError:
            raise ProtocolError(408, f"the header took longer than {self._limits.header_seconds:g} s") from None
        # RFC 9112, 2.2: an empty line before the request is to be tolerated.
        return parse_head((first + raw)[:-4].removeprefix(b"\r\n"))

    async def _read_body(self, head: Head) -> bytes:
        chunked, length, expects_continue = head.chunked, head.content_length, head.expects_continue
        if not chunked and not length:
            return b""
        self._check_size(length)
        if expects_continue:
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        try:
            return await asyncio.wait_for(
                self._read_chunks() if chunked else self._reader.readexactly(length), self._limits.body_seconds
            )
        except asyncio.LimitOverrunError:
            raise ProtocolError(400, "a chunk is malformed") from None
        except asyncio.TimeoutError:
            raise ProtocolError(408, f"the body took longer than {self._limits.body_seconds:g} s") from None

    async def _read_chunks(self) -> bytes:
        """A chunked body: RFC 9112, 7.1. Extensions and trailers are read and dropped."""
        body = b""
        while True:
            size = re.fullmatch(rb"([0-9A-Fa-f]{1,8})[ \t]*(;.*)?\r\n", await self._reader.readuntil(b"\r\n"))
            if not size:
                raise ProtocolError(400, "a chunk is malformed")
            length = int(size[1], 16)
            if not length:
                break
            self._check_size(len(body) + length)
            body += await self._reader.readexactly(length)
            if await self._reader.readexactly(2) != b"\r\n":
                raise ProtocolError(400, "a chunk is malformed")
        for _ in range(100):
            if await self._reader.readuntil(b"\r\n") == b"\r\n":
                return body
        raise ProtocolError(431, "there are too many trailer fields")

    def _check_size(self, length: int) -> None:
        if length > self._limits.max_body_bytes:
            raise ProtocolError(413, f"the body is longer than {self._limits.max_body_bytes} bytes")

    async def _send(self, response: Response, *, head_only: bool, close: bool) -> None:
        self._writer.write(response.encode(head_only=head_only, close=close))
        await asyncio.wait_for(self._writer.drain(), self._limits.body_seconds)

    async def _linger(self) -> None:
        """Read on until the client is quiet: closing with unread bytes resets the response away (RFC 9112, 9.6)."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._discard(), _LINGER_SECONDS)

    async def _discard(self) -> None:
        while await asyncio.wait_for(self._reader.read(MAX_HEAD_BYTES), _QUIET_SECONDS):
            pass

    async def _close(self) -> None:
        self._writer.close()
        try:
            await asyncio.wait_for(self._writer.wait_closed(), _LINGER_SECONDS)
        except (OSError, asyncio.TimeoutError):
            self._writer.transport.abort()

    def _log(self, head: Head | None, response: Response, seconds: float) -> None:
        """Write the access log. The query string is left out: people put secrets there."""
        path = head.target.partition("?")[0] if head else ""
        if path in _HEALTH_PATHS and response.status == 200 and not self._log_health_checks:
            return
        fields = head.fields if head else {}
        logs.info(
            "request",
            method=head.method if head else "",
            path=path,
            status=response.status,
            bytes=len(response.body),
            milliseconds=round(seconds * 1000, 1),
            peer=self._peer,
            # The load balancer appends the address it saw; what is left of it is the client's own claim.
            client=fields.get("x-forwarded-for", "").rpartition(",")[2].strip(),
            trace=fields.get("x-amzn-trace-id", "")[:200],
            user_agent=fields.get("user-agent", "")[:200],
        )
