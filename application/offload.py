"""Blocking calls beside the event loop, bounded in number and in time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class Offload:
    """Runs blocking functions in threads, at most ``limit`` at once.

    The threads are daemons: one that hangs, in a name look-up for instance, does not keep the process from ending,
    as the threads of ``concurrent.futures`` do. A hanging thread keeps its place, so that calls to what hangs
    wait and time out instead of piling up. To be made where the event loop runs.
    """

    def __init__(self, limit: int) -> None:
        self._places = asyncio.Semaphore(limit)

    async def run(self, function: Callable[[], T], *, seconds: float) -> T:
        """The result of ``function()``; raises what it raises, or ``asyncio.TimeoutError`` after ``seconds``."""
        return await asyncio.wait_for(self._run(function), seconds)

    async def _run(self, function: Callable[[], T]) -> T:
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()

        def finish(settle: Callable[[], None]) -> None:
            self._places.release()
            if not outcome.done():
                settle()

        def work() -> None:
            try:
                settle = partial(outcome.set_result, function())
            except Exception as error:  # noqa: BLE001 - it is raised again, where it is awaited
                settle = partial(outcome.set_exception, error)
            # Once the loop has ended, nobody waits any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(finish, settle)

        try:
            threading.Thread(target=work, daemon=True).start()
        except RuntimeError:
            self._places.release()
            raise
        return await outcome
