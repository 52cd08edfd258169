"""The process environment that keeps the real AWS and the one on the laptop apart."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

#: What signs every request. The emulator takes the account from the 12-digit access key; the secret is public.
SECRET_KEY = "test"  # noqa: S105 - no secret: every MiniStack has it

_ACCOUNT = re.compile(r"\d{12}")
# Everything an SDK or a tool of AWS reads begins with one of these: profile, session token, role, web identity,
# container credentials, one service's own endpoint. Left out as a whole, so that none can be forgotten.
# https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
_FOREIGN = ("AWS_", "AMAZON_", "BOTO_", "CDK_", "SAM_CLI_")
# The CDK CLI reads options from variables that begin with CDK; one called just that is an option without a name.
_FOREIGN_NAMES = frozenset({"CDK"})
_LOOPBACK = ("127.0.0.1", "localhost")


def client_environment(
    endpoint: str, account: str, region: str, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment in which the CDK CLI, the AWS CLI and boto3 reach the local AWS and nothing else.

    Nothing a developer has set up for the real AWS survives: no profile, no credential file, no session token, no
    role, no instance or container credentials, no endpoint of a single service. Whatever is signed is signed with a
    key that the real AWS doesn't know.

    Args:
        endpoint: where the local AWS answers, such as ``http://127.0.0.1:4566``.
        account: 12 digits; the local AWS keeps accounts apart by them.
        region: the default region of the clients.
        base: the environment to start from; the current process's if left out. It is not changed.

    Raises:
        ValueError: an account that isn't 12 digits.
    """
    if not _ACCOUNT.fullmatch(account):
        raise ValueError(f"The account {account!r} is no AWS account: give 12 digits, such as {'0' * 12!r}.")
    return {
        **without_aws(os.environ if base is None else base),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_PAGER": "",
        "CDK_DISABLE_CLI_TELEMETRY": "1",
    }


def without_aws(base: Mapping[str, str]) -> dict[str, str]:
    """``base`` without anything that configures a client of AWS; loopback is never sent through a proxy."""
    kept = {name: value for name, value in base.items() if not name.upper().startswith(_FOREIGN)}
    for name in _FOREIGN_NAMES:
        kept.pop(name, None)
    for name in ("NO_PROXY", "no_proxy"):
        exceptions = [host for host in kept.get(name, "").split(",") if host]
        kept[name] = ",".join(dict.fromkeys([*exceptions, *_LOOPBACK]))
    return kept
