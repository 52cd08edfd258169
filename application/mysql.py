"""Whether a MySQL server answers, told by its handshake, without a driver and without a password.

Closing the connection after the greeting would be simpler and do harm: MySQL counts unfinished handshakes, and after
100 in a row (``max_connect_errors``) it blocks the host they came from, which is this one:
https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_max_connect_errors
A login that is refused is not counted so. The handshake is therefore finished, as a user without a password, and the
server's refusal is as good as its consent. Where refused logins disturb an audit, let the user exist, without rights.

The packets: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html
"""

from __future__ import annotations

import socket

USER = "health_check"
"""The user that the handshake is finished as."""

_PROTOCOL_10 = 0x0A
_OK, _ERROR, _SWITCH = 0x00, 0xFF, 0xFE
_PROTOCOL_41, _SECURE_CONNECTION, _PLUGIN_AUTH = 0x200, 0x8000, 0x80000
_UTF8MB4 = 45
_PLUGIN = b"caching_sha2_password"
_NATIVE_PLUGIN = b"mysql_native_password"
# How a client says that it has no password; to the native plugin it says so with an empty packet instead.
_NO_PASSWORD = b"\0"
_MAX_PACKET = 65536
_MAX_ROUNDS = 4
# ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_SECURE_TRANSPORT_REQUIRED: the server is at work.
_REFUSALS = frozenset({1045, 1698, 3159})


class MysqlError(Exception):
    """The server is not there, not MySQL, or not ready."""


def check(host: str, port: int, *, seconds: float) -> None:
    """Return if a MySQL server answers; raises ``MysqlError``. ``seconds`` bounds each network operation."""
    try:
        with socket.create_connection((host, port), timeout=seconds) as connection:
            _shake_hands(connection)
    except (socket.gaierror, UnicodeError):
        raise MysqlError("the host name is not known") from None
    except OSError as error:
        raise MysqlError(f"no answer ({type(error).__name__})") from None


def _shake_hands(connection: socket.socket) -> None:
    sequence, greeting = _receive(connection)
    if greeting[0] == _ERROR:
        raise MysqlError(f"MySQL error {_error_code(greeting)}")
    if greeting[0] != _PROTOCOL_10:
        raise MysqlError("the greeting is not MySQL's")
    _send(connection, sequence + 1, _login())
    for _ in range(_MAX_ROUNDS):
        sequence, answer = _receive(connection)
        if answer[0] == _OK:
            _send(connection, 0, b"\x01")
            return
        if answer[0] == _ERROR:
            if _error_code(answer) in _REFUSALS:
                return
            raise MysqlError(f"MySQL error {_error_code(answer)}")
        if answer[0] != _SWITCH:
            break
        plugin = answer[1:].partition(b"\0")[0]
        _send(connection, sequence + 1, b"" if plugin == _NATIVE_PLUGIN else _NO_PASSWORD)
    raise MysqlError("the handshake is not MySQL's")


def _login() -> bytes:
    capabilities = _PROTOCOL_41 | _SECURE_CONNECTION | _PLUGIN_AUTH
    return b"".join(
        [
            capabilities.to_bytes(4, "little"),
            _MAX_PACKET.to_bytes(4, "little"),
            bytes([_UTF8MB4]),
            bytes(23),
            USER.encode() + b"\0",
            bytes([len(_NO_PASSWORD)]) + _NO_PASSWORD,
            _PLUGIN + b"\0",
        ]
    )


def _error_code(packet: bytes) -> int:
    return int.from_bytes(packet[1:3], "little")


def _send(connection: socket.socket, sequence: int, payload: bytes) -> None:
    connection.sendall(len(payload).to_bytes(3, "little") + bytes([sequence % 256]) + payload)


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    header = _exactly(connection, 4)
    length = int.from_bytes(header[:3], "little")
    if not 0 < length <= _MAX_PACKET:
        raise MysqlError("the packet is not MySQL's")
    return header[3], _exactly(connection, length)


def _exactly(connection: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        part = connection.recv(length - len(received))
        if not part:
            raise MysqlError("the connection was closed in the handshake")
        received += part
    return received
