"""The listener, and how it ends: without losing a request."""

from __future__ import annotations

import asyncio
import signal
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from application import logs
from application.connection import MAX_HEAD_BYTES, Connection
from application.messages import Request, Response
from application.settings import Settings

_HANDSHAKE_SECONDS = 10.0


class Server:
    """Serves ``handler`` until it is told to stop, by SIGTERM as ECS, systemd and Auto Scaling send it.

    On the first SIGTERM ``draining`` becomes true, which the shallow health check shows at once. The listener goes
    on accepting for the drain time, so that the load balancer sees the failing check and sends its requests
    elsewhere; meanwhile each response ends its connection. Then the listener closes and requests under way are
    finished until the deadline. A second SIGTERM, or SIGINT, ends the drain time early, never a request.
    To be made where the event loop runs.
    """

    def __init__(self, settings: Settings, context: ssl.SSLContext) -> None:
        self.draining = False
        self._settings = settings
        self._context = context
        self._connections: dict[Connection, asyncio.Task[None]] = {}
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self, handler: Callable[[Request], Awaitable[Response]], **started_with: object) -> int:
        """Serve to the end; 0 if every request was finished, 1 if the deadline cut one off.

        ``started_with`` is logged when the listener is open. Raises ``OSError`` if the port cannot be had.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._terminate)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._serve(reader, writer, handler)

        listener = await asyncio.start_server(
            connected,
            self._settings.listener.address,
            self._settings.listener.port,
            ssl=self._context,
            ssl_handshake_timeout=_HANDSHAKE_SECONDS,
            limit=MAX_HEAD_BYTES,
            backlog=1024,
        )
        address, port = listener.sockets[0].getsockname()[:2]
        logs.info("listening", address=address, port=port, **started_with)
        await self._stop.wait()
        deadline = time.monotonic() + self._settings.shutdown.deadline_seconds
        await self._drain()
        listener.close()
        return await self._finish(deadline)

    async def _serve(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handler: Callable[[Request], Awaitable[Response]],
    ) -> None:
        connection = Connection(
            reader,
            writer,
            handler=handler,
            limits=self._settings.limits,
            draining=lambda: self.draining,
            log_health_checks=self._settings.log_health_checks,
        )
        if len(self._connections) >= self._settings.listener.max_connections:
            logs.warning("too_many_connections", limit=self._settings.listener.max_connections)
            await connection.refuse()
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the event loop runs this in a task
        self._connections[connection] = task
        try:
            await connection.serve()
        finally:
            del self._connections[connection]

    def _terminate(self) -> None:
        if self.draining:
            self._hurry.set()
        self.draining = True
        self._stop.set()

    def _interrupt(self) -> None:
        self.draining = True
        self._stop.set()
        self._hurry.set()

    async def _drain(self) -> None:
        seconds = self._settings.shutdown.drain_seconds
        logs.info("draining", seconds=seconds, connections=len(self._connections))
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), seconds)

    async def _finish(self, deadline: float) -> int:
        for connection in self._connections:
            connection.close_idle()
        if self._connections:
            await asyncio.wait(self._connections.values(), timeout=max(0.0, deadline - time.monotonic()))
        cut = sum(connection.busy for connection in self._connections)
        for connection in self._connections:
            connection.abort()
        if cut:
            logs.warning("stopped", requests_cut_off=cut)
            return 1
        logs.info("stopped", requests_cut_off=0)
        return 0
