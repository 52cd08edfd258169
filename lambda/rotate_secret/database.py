"""The MySQL or MariaDB server that a secret describes: the only module that talks to a database."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import pymysql
from pymysql.constants import CR, ER
from pymysql.cursors import Cursor

from rotate_secret.credentials import Credentials
from rotate_secret.failures import DatabaseError, DatabaseUnreachableError, LoginRefusedError

TIMEOUT_SECONDS = 5
# The server waits for the lock, so this must stay below the time-out of a read.
LOCK_WAIT_SECONDS = 3

# The second is ER_ACCESS_DENIED_NO_PASSWORD_ERROR, which the driver does not name.
_WRONG_PASSWORD = frozenset({ER.ACCESS_DENIED_ERROR, 1698})
# Errors that the driver raises itself; below and above are the server's.
_CLIENT_ERRORS = range(CR.CR_ERROR_FIRST, 3000)
# The server's limit on the names of locks.
_LOCK_NAME_LENGTH = 64


class Database:
    """Logs in over TLS only: no password is sent to a server whose certificate ``tls`` does not accept.

    ``timeout_seconds`` bounds the connection and every single answer.
    """

    def __init__(self, tls: ssl.SSLContext, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._tls = tls
        self._timeout = timeout_seconds

    def log_in(self, credentials: Credentials) -> Session:
        """Open a session.

        Raises:
            LoginRefusedError: the server does not accept this password for this user.
            DatabaseUnreachableError: no answer, no TLS, or a certificate that is not trusted.
            DatabaseError: the server refused for another reason, a locked account for example.
        """
        place = f"{credentials.username!r} at {credentials.host}:{credentials.port}"
        try:
            connection = pymysql.connect(
                host=credentials.host,
                port=credentials.port,
                user=credentials.username,
                # As bytes: the driver would encode a text as Latin-1, the server reads UTF-8.
                password=credentials.password.encode(),
                ssl=self._tls,
                connect_timeout=self._timeout,
                read_timeout=self._timeout,
                write_timeout=self._timeout,
                charset="utf8mb4",
                # The server's default could hold NO_BACKSLASH_ESCAPES or ANSI_QUOTES, which change what a quote means.
                sql_mode="STRICT_ALL_TABLES",
                autocommit=True,
                program_name="rotate_secret",
            )
        except pymysql.MySQLError as error:
            number = _number(error)
            if number in _WRONG_PASSWORD:
                raise LoginRefusedError(f"the database refused the password of {place}") from None
            if number in _CLIENT_ERRORS or number == 0:
                raise DatabaseUnreachableError(f"no TLS connection as {place}: {_reason(error)}") from None
            raise DatabaseError(f"the database refused {place}: {_reason(error)}") from None
        return Session(connection, credentials.username)


class Session:
    """One logged-in connection; the end of the ``with`` block closes it and frees its lock."""

    def __init__(self, connection: pymysql.Connection[Cursor], username: str) -> None:
        self._connection = connection
        self._username = username

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def lock(self) -> None:
        """Be the only rotation of this user until the session ends.

        Raises:
            DatabaseError: another rotation held the lock for too long.
        """
        name = f"rotate_secret:{self._username}"[:_LOCK_NAME_LENGTH]
        if self._row("take the lock", "SELECT GET_LOCK(%s, %s)", name, LOCK_WAIT_SECONDS)[0] != 1:
            raise DatabaseError(f"another rotation of {self._username!r} is at work")

    def change_password(self, password: str) -> None:
        """Change the password of the account that is logged in; the old one stops to work at once.

        MySQL lets every account do so; on MariaDB it needs CREATE USER, which the master user of RDS has.

        Raises:
            DatabaseError: the server is read only (a replica takes its accounts from its source) or refused.
        """
        purpose = "change the password"
        if self._row(purpose, "SELECT @@global.read_only")[0]:
            raise DatabaseError("the database is read only: the secret names a read replica")
        # The account by name: MariaDB takes ALTER USER CURRENT_USER() and changes nothing, without an error.
        user, _, host = str(self._row(purpose, "SELECT CURRENT_USER()")[0]).rpartition("@")
        # Neither server takes bind parameters here; the driver quotes the values by the mode that log_in sets.
        self._row(purpose, "ALTER USER %s@%s IDENTIFIED BY %s", user, host, password)

    def verify(self, dbname: str | None) -> None:
        """Read from the server as an application would, in the secret's database if it names one.

        Raises:
            DatabaseError: the account can't use the database.
        """
        with _described(f"open {dbname!r}"):
            if dbname is not None:
                self._connection.select_db(dbname)
        self._row("read", "SELECT NOW()")

    def _row(self, purpose: str, statement: str, *values: object) -> tuple[object, ...]:
        with _described(purpose), self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone() or ()


@contextmanager
def _described(purpose: str) -> Iterator[None]:
    try:
        yield
    except pymysql.MySQLError as error:
        # The number alone: the server's text of an error can quote the statement, and with it the password.
        raise DatabaseError(f"the database refused to {purpose} (MySQL error {_number(error)})") from None


def _number(error: pymysql.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _reason(error: pymysql.MySQLError) -> str:
    """Give the text of a failed login, which names user, host and cause but never a password."""
    return str(error.args[1]) if len(error.args) > 1 else type(error).__name__
