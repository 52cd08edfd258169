"""Passwords reach the server unchanged, whatever they consist of and whatever a quote means there."""

from __future__ import annotations

import string

import pytest

from tests.rotation.accounts import Account

PRINTABLE = "".join(sorted(string.ascii_letters + string.digits + string.punctuation + " "))
AWKWARD = [
    "'; DROP USER root; --",
    "\\' OR 1=1 -- \\",
    "%s %(password)s %% {0} ${HOME}",
    "ends with a backslash\\",
    '`"\'\\"`',
    "pässwörd ☃ 密码 🔑",
    "null\0, tab\t, line\n and \x1a",
]


def _rotate_to(account: Account, password: str) -> None:
    account.service.next_password = password
    account.rotate()
    assert account.password == password


def test_every_printable_character_works_in_a_password(account: Account) -> None:
    assert len(PRINTABLE) == 95
    wrong = []
    for character in PRINTABLE:
        _rotate_to(account, f"a{character}{character}z")
        if not account.accepts(f"a{character}{character}z") or account.accepts(f"a{character}z"):
            wrong.append(character)
    assert wrong == []


@pytest.mark.parametrize("mode", ["", "NO_BACKSLASH_ESCAPES", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES", "ANSI"])
@pytest.mark.parametrize("password", [PRINTABLE, PRINTABLE[::-1], *AWKWARD])
def test_an_awkward_password_works_in_every_sql_mode(account: Account, password: str, mode: str) -> None:
    with account.server.setting("sql_mode", mode):
        _rotate_to(account, password)

    assert account.accepts(password)


@pytest.mark.parametrize("init_connect", ["", "SET sql_mode = 'NO_BACKSLASH_ESCAPES'"], ids=["plain", "init_connect"])
@pytest.mark.parametrize("name", ["o'brien", 'quo"te', "back\\slash", "at@sign", "per%cent"])
def test_an_awkward_user_name_is_rotated(account: Account, name: str, init_connect: str) -> None:
    account.server.execute("RENAME USER %s@'%%' TO %s@'%%'", account.username, name)
    try:
        for version in account.secret.versions.values():
            version.value = (version.value or "").replace(f'"{account.username}"', _json(name))
        renamed = Account(account.server, account.service, account.secret, account.handler, name)

        with account.server.setting("init_connect", init_connect):
            renamed.rotate()

        assert renamed.accepts(renamed.password)
    finally:
        account.server.execute("RENAME USER %s@'%%' TO %s@'%%'", name, account.username)


def _json(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
