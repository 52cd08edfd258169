"""The port the server listens on: reserved on loopback, and whoever holds it named when it is taken."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LISTENING = "0A"  # TCP_LISTEN: https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
_BACKLOG = 128


class PortTakenError(Exception):
    """Something else listens on the port; the text says what, and which port to use instead."""


@dataclass(frozen=True)
class Holder:
    """The process that listens on a port."""

    pid: int
    command: str


def reserve(port: int) -> socket.socket:
    """A socket that listens on loopback; port 0 lets the system choose one.

    Raises:
        PortTakenError: another process listens on the port, on loopback or on every address.
    """
    if port and _answers(port):
        raise PortTakenError(_taken(port))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(_BACKLOG)  # from here on nobody else can have it
    except PermissionError:
        listener.close()
        free = free_port()
        raise PortTakenError(
            f"Port {port} needs the administrator's rights. Use the free port {free}: --port {free}"
        ) from None
    except OSError:
        listener.close()
        raise PortTakenError(_taken(port)) from None
    return listener


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def holder(port: int) -> Holder | None:
    """Who listens on a port, or None where the system doesn't say (another user's process, for one)."""
    return _from_proc(port) if Path("/proc/net/tcp").exists() else _from_lsof(port)


def _taken(port: int) -> str:
    found = holder(port)
    by = f"process {found.pid} ({found.command})" if found else "another process"
    free = free_port()
    return f"Port {port} is taken by {by}. End that process, or use the free port {free}: --port {free}"


def _answers(port: int) -> bool:
    # Some systems let a second process bind 127.0.0.1 beside one that listens on every address.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _from_proc(port: int) -> Holder | None:
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not sockets:
        return None
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        with contextlib.suppress(OSError):  # another user's, or already gone
            for descriptor in (process / "fd").iterdir():
                if str(descriptor.readlink()) in sockets:
                    arguments = (process / "cmdline").read_bytes().split(b"\0")
                    return Holder(int(process.name), b" ".join(arguments).decode(errors="replace").strip())
    return None


def _listening_inodes(port: int) -> list[str]:
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.append(fields[9])
    return found


def _from_lsof(port: int) -> Holder | None:
    lsof = shutil.which("lsof")
    if not lsof:
        return None
    answer = subprocess.run(  # noqa: S603 - no input but a number
        [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], capture_output=True, text=True, check=False, timeout=10
    )
    fields = {line[0]: line[1:] for line in answer.stdout.splitlines() if line}
    return Holder(int(fields["p"]), fields.get("c", "?")) if "p" in fields else None
