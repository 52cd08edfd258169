"""Starts the application: reads its settings, opens its port, serves until it is told to stop.

Exit codes: 0 when every request was finished, 1 when the port could not be had or the deadline cut a request off,
2 when the settings are wrong.
"""

from __future__ import annotations

import asyncio
import os
import platform
import ssl
import sys
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial

from application import logs, mysql
from application.aws import AwsClient
from application.credentials import CredentialSource
from application.environment import SettingsError
from application.health import DeepHealth, Probe
from application.identity import Identity, identify
from application.items import ItemStore
from application.lifecycle import Lifecycle
from application.routes import Application
from application.server import Server
from application.settings import BUCKET, DATABASE, DEPENDENCIES, TABLE, Settings
from application.tls import server_context


def main() -> int:
    """Run the application with the process's environment; the exit code."""
    try:
        settings = Settings.read(os.environ)
    except SettingsError as error:
        print(f"The application was not started, its settings are wrong:\n{error}", file=sys.stderr)
        return 2
    logs.configure()
    try:
        return asyncio.run(_serve(settings, os.environ))
    except OSError as error:
        logs.warning("not_started", port=settings.listener.port, reason=error.strerror or str(error))
        return 1


async def _serve(settings: Settings, environment: Mapping[str, str]) -> int:
    identity = identify(environment, settings)
    lifecycle = Lifecycle()
    application = _application(settings, identity, environment, lifecycle)
    server = Server(settings, server_context(settings.listener), lifecycle, application.respond)
    return await server.run(
        **asdict(identity),
        python=platform.python_version(),
        openssl=ssl.OPENSSL_VERSION,
        pid=os.getpid(),
        deep_health_checks=settings.dependencies.checked,
        self_signed=not settings.listener.certificate_file,
    )


def _application(
    settings: Settings, identity: Identity, environment: Mapping[str, str], lifecycle: Lifecycle
) -> Application:
    known = settings.dependencies
    client = AwsClient(settings.aws, CredentialSource(environment, metadata_endpoint=settings.aws.metadata_endpoint))
    # Half of the time for each of two attempts.
    items = ItemStore(client, table_name=known.table_name, region=settings.aws.region, seconds=known.item_seconds / 2)
    looks = {
        DATABASE: partial(mysql.check, known.database_host, known.database_port, seconds=known.timeouts[DATABASE]),
        TABLE: partial(items.probe, known.timeouts[TABLE]),
        BUCKET: partial(client.head_bucket, known.bucket_name, seconds=known.timeouts[BUCKET]),
    }
    probes = tuple(Probe(name, looks[name], known.timeouts[name]) for name in known.checked)
    return Application(
        identity,
        health=DeepHealth(probes, cache_seconds=known.cache_seconds),
        unchecked=tuple(name for name in DEPENDENCIES if name not in known.checked),
        items=items if known.table_name else None,
        item_seconds=known.item_seconds,
        lifecycle=lifecycle,
    )


if __name__ == "__main__":
    sys.exit(main())
