"""The processes that run functions: none of them, nor any file of theirs, outlives the server.

MiniStack starts one process per concurrent run of a function and expects it to end when its pipe closes; a handler
that is busy doesn't look at its pipe. So all of them join one process group, whose leader is a shell that waits for
the server's end, however that comes (a kill included), then ends its group and removes the scratch folder.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import threading
import time
import types
from pathlib import Path
from typing import Any

# `read` ends when the server closes its end of the pipe, or dies. SIGTERM first, so that nobody writes into the
# folder while it is removed; then SIGKILL for whoever ignored that, this shell included.
_WARDEN = 'read -r _; trap "" TERM; kill -s TERM 0; sleep 0.1; rm -rf "$1"; kill -s KILL 0'
_SWEEP_SECONDS = 5.0


class WorkerGroup:
    """A process group that ends with this process, and a scratch folder that ends with it too."""

    def __init__(self) -> None:
        self.scratch = Path(tempfile.mkdtemp(prefix="local-aws-"))
        self._warden = subprocess.Popen(  # noqa: S603 - a fixed script, and a folder of our own making
            ["/bin/sh", "-c", _WARDEN, "local-aws-warden", str(self.scratch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def popen(self, *arguments: Any, **options: Any) -> subprocess.Popen[Any]:
        """`subprocess.Popen`, in the group."""
        options.setdefault("process_group", self._warden.pid)
        return subprocess.Popen(*arguments, **options)  # noqa: S603 - what MiniStack would have started

    def adopt(self, *modules: types.ModuleType) -> None:
        """Let modules that say ``subprocess.Popen`` start their processes in the group."""
        shim = types.ModuleType("subprocess", subprocess.__doc__)
        shim.__dict__.update(vars(subprocess))
        shim.Popen = self.popen  # type: ignore[attr-defined]
        for module in modules:
            module.subprocess = shim  # type: ignore[attr-defined]

    def close(self) -> None:
        """End every process of the group and remove the scratch folder; returns when that is done."""
        if self._warden.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._warden.stdin.close()
        self._warden.wait()


def stop_idle_workers(runtime: types.ModuleType, idle_seconds: float) -> None:
    """End function processes that were idle for ``idle_seconds``, in the background, for as long as the server runs.

    MiniStack ends all but the first of each function; with the sixty functions of a platform and its custom
    resources those first ones alone hold more than a gigabyte.
    """

    def sweep() -> None:
        while True:
            time.sleep(min(_SWEEP_SECONDS, idle_seconds))
            horizon = time.time() - idle_seconds
            with runtime._lock:
                ended = []
                for key, pool in list(runtime._workers.items()):
                    ended += [worker for worker in pool if not worker.in_use and worker.last_used < horizon]
                    pool[:] = [worker for worker in pool if worker not in ended]
                    if not pool:
                        del runtime._workers[key]
            runtime.kill_workers(ended)

    threading.Thread(target=sweep, daemon=True, name="stop-idle-workers").start()
