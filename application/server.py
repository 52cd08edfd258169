"""The listener, and how it ends: without losing a request."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from application import logs
from application.connection import MAX_HEAD_BYTES, Connection
from application.lifecycle import Lifecycle
from application.messages import Request, Response
from application.settings import Settings

_HANDSHAKE_SECONDS = 10.0
_BACKLOG = 1024
_PAUSE_SECONDS = 1.0

Handler = Callable[[Request], Awaitable[Response]]


class Server:
    """Serves requests until it is told to stop, by SIGTERM as ECS, systemd and Auto Scaling send it.

    On the first SIGTERM the process is draining, which the health checks show at once. The listener goes on
    accepting for the drain time, so that the load balancer sees the failing check and sends its requests
    elsewhere; meanwhile each response ends its connection. Then the listener closes, and requests under way are
    finished until the deadline. A second SIGTERM, or SIGINT, ends the drain time early, never a request.
    To be made where the event loop runs.
    """

    def __init__(self, settings: Settings, context: ssl.SSLContext, lifecycle: Lifecycle, handler: Handler) -> None:
        self._settings = settings
        self._context = context
        self._lifecycle = lifecycle
        self._handler = handler
        # The event loop's own listener is not used: it forgets connections that it accepts while it is closed
        # (https://github.com/python/cpython/issues/109564), and counts none whose TLS handshake is under way.
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: set[Connection] = set()
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def run(self, **started_with: object) -> int:
        """Serve to the end; 0 if every request was finished, 1 if the deadline cut one off.

        ``started_with`` is logged when the listener is open. Raises ``OSError`` if the port cannot be had.
        """
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._terminate)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        with self._listen() as listener:
            loop.add_reader(listener, self._accept, listener)
            address, port = listener.getsockname()[:2]
            logs.info("listening", address=address, port=port, **started_with)
            await self._stop.wait()
            deadline = time.monotonic() + self._settings.shutdown.deadline_seconds
            await self._drain()
            self._lifecycle.closing = True
            loop.remove_reader(listener)
            # Closing the listener resets whoever still waits at it.
            while self._accept(listener):
                pass
        return await self._finish(deadline)

    def _listen(self) -> socket.socket:
        address = self._settings.listener.address
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, self._settings.listener.port), family=family, backlog=_BACKLOG)
        listener.settimeout(0)
        return listener

    def _accept(self, listener: socket.socket) -> bool:
        """Serve the next client that waits at the listener; whether there was one."""
        loop = asyncio.get_running_loop()
        try:
            client, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False
        except OSError as error:
            # No descriptor or memory is left. Asking again at once would only keep the processor busy.
            logs.warning("not_accepting", seconds=_PAUSE_SECONDS, reason=error.strerror)
            loop.remove_reader(listener)
            loop.call_later(_PAUSE_SECONDS, self._accept_again, listener)
            return False
        client.settimeout(0)
        task = loop.create_task(self._serve(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    def _accept_again(self, listener: socket.socket) -> None:
        if not self._lifecycle.closing:
            asyncio.get_running_loop().add_reader(listener, self._accept, listener)

    async def _serve(self, client: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=MAX_HEAD_BYTES)
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, client, ssl=self._context, ssl_handshake_timeout=_HANDSHAKE_SECONDS
            )
        except OSError:
            # Not TLS as it is spoken here, or gone again.
            client.close()
            return
        connection = Connection(
            reader,
            asyncio.StreamWriter(transport, protocol, reader, loop),
            handler=self._handler,
            limits=self._settings.limits,
            lifecycle=self._lifecycle,
            log_health_checks=self._settings.log_health_checks,
        )
        if len(self._connections) >= self._settings.listener.max_connections:
            logs.warning("too_many_connections", limit=self._settings.listener.max_connections)
            await connection.refuse()
            return
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)

    def _terminate(self) -> None:
        if self._lifecycle.draining:
            self._hurry.set()
        self._lifecycle.draining = True
        self._stop.set()

    def _interrupt(self) -> None:
        self._lifecycle.draining = True
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
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(0.0, deadline - time.monotonic()))
        cut = sum(connection.busy for connection in self._connections)
        for connection in self._connections:
            connection.abort()
        if cut:
            logs.warning("stopped", requests_cut_off=cut)
            return 1
        logs.info("stopped", requests_cut_off=0)
        return 0
