"""What the application can be told, by environment variables, checked once at the start."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from application import __version__
from application.environment import EnvironmentReader, Form, SettingsError

DATABASE = "database"
TABLE = "table"
BUCKET = "bucket"
DEPENDENCIES = (DATABASE, TABLE, BUCKET)
"""What the deep health check can look at."""

_REGION = Form("[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", "must be the code of the region this process runs in")
_VERSION = Form(r"[\x21-\x7e]{1,128}", "must be 1 to 128 printable characters without a space")
_HOST = Form(r"[A-Za-z0-9:]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?", "must be a host name or an address")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
_TABLE = Form("[A-Za-z0-9_.-]{3,255}", "must be a table name: 3 to 255 letters, digits, dots, hyphens, underscores")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = Form("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "must be a bucket name: 3 to 63 lower-case letters, digits, dots, -")
_SUFFIX = Form("[a-z0-9]+([.-][a-z0-9]+)+", "must be the domain of the partition's service endpoints")
_URL = Form("https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?", "must be http:// or https://, a host and perhaps a port")
_PATH = Form("/.*", "must be an absolute path")
_CHECKS = Form(
    "none|(database|table|bucket)(,(database|table|bucket))*",
    f"must be none, or one or more of {', '.join(DEPENDENCIES)}, separated by commas",
)


@dataclass(frozen=True)
class Listener:
    """Where and with which certificate to listen. Without certificate files one is made at the start."""

    address: str
    port: int
    certificate_file: str
    key_file: str
    max_connections: int


@dataclass(frozen=True)
class Limits:
    """What a client may ask of a connection: seconds and bytes."""

    header_seconds: float
    body_seconds: float
    idle_seconds: float
    max_body_bytes: int


@dataclass(frozen=True)
class Shutdown:
    """Seconds after SIGTERM: how long to keep accepting, and when to be gone."""

    drain_seconds: float
    deadline_seconds: float


@dataclass(frozen=True)
class Aws:
    """Where AWS is. ``endpoints`` has the overrides by service, with the empty string for all services."""

    region: str
    url_suffix: str
    endpoints: Mapping[str, str]
    metadata_endpoint: str


@dataclass(frozen=True)
class Dependencies:
    """What the application depends on; empty names are not configured. Timeouts are in seconds.

    ``checked`` are those that the deep health check judges by.
    """

    database_host: str
    database_port: int
    table_name: str
    bucket_name: str
    checked: tuple[str, ...]
    timeouts: Mapping[str, float]
    item_seconds: float
    cache_seconds: float


@dataclass(frozen=True)
class Settings:
    """Everything the application was told."""

    version: str
    log_health_checks: bool
    listener: Listener
    limits: Limits
    shutdown: Shutdown
    aws: Aws
    dependencies: Dependencies

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """The settings that ``environment`` holds; raises ``SettingsError`` with every mistake in it."""
        return read_with(EnvironmentReader(environment))


def read_with(reader: EnvironmentReader) -> Settings:
    """The settings that ``reader`` finds; raises ``SettingsError`` with every mistake in them."""
    settings = Settings(
        version=reader.text("APPLICATION_VERSION", _VERSION, default=__version__),
        log_health_checks=reader.switch("LOG_HEALTH_CHECKS"),
        listener=_listener(reader),
        limits=Limits(
            header_seconds=reader.seconds("HEADER_TIMEOUT_SECONDS", default=10, low=0.1, high=60),
            body_seconds=reader.seconds("BODY_TIMEOUT_SECONDS", default=15, low=0.1, high=120),
            # Longer than the load balancer keeps a connection (60 s by default), so that it is never this side
            # that closes while the load balancer sends the next request: that would be a 502 to the client.
            idle_seconds=reader.seconds("IDLE_TIMEOUT_SECONDS", default=75, low=0.1, high=4000),
            # An item of DynamoDB holds 400 KB, names and other attributes included.
            max_body_bytes=reader.whole("MAX_BODY_BYTES", default=65536, low=1, high=262144),
        ),
        shutdown=_shutdown(reader),
        aws=_aws(reader),
        dependencies=_dependencies(reader),
    )
    if reader.problems:
        raise SettingsError(reader.problems)
    return settings


def _listener(reader: EnvironmentReader) -> Listener:
    address = reader.text(
        "BIND_ADDRESS",
        Form(".+", "must be an IP address of this host"),
        default="0.0.0.0",  # noqa: S104 - the load balancer connects from outside; the security group decides who may
    )
    try:
        ipaddress.ip_address(address)
    except ValueError:
        reader.refuse("BIND_ADDRESS", "must be an IP address of this host")
    certificate = reader.text("TLS_CERTIFICATE_FILE", _PATH)
    key = reader.text("TLS_KEY_FILE", _PATH)
    _check_certificate(reader, certificate, key)
    return Listener(
        address=address,
        port=reader.whole("PORT", default=8443, low=0, high=65535),
        certificate_file=certificate,
        key_file=key,
        max_connections=reader.whole("MAX_CONNECTIONS", default=1000, low=1, high=100000),
    )


def _check_certificate(reader: EnvironmentReader, certificate: str, key: str) -> None:
    if bool(certificate) != bool(key):
        reader.refuse("TLS_KEY_FILE" if certificate else "TLS_CERTIFICATE_FILE", "must be set with its counterpart")
        return
    readable = True
    for name, path in (("TLS_CERTIFICATE_FILE", certificate), ("TLS_KEY_FILE", key)):
        if path:
            try:
                Path(path).read_bytes()
            except OSError as error:
                reader.refuse(name, f"must be a readable file ({error.strerror})")
                readable = False
    if certificate and readable:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
        except (ssl.SSLError, ValueError):
            reader.refuse("TLS_CERTIFICATE_FILE", "must be a PEM certificate of the unencrypted key in TLS_KEY_FILE")


def _shutdown(reader: EnvironmentReader) -> Shutdown:
    shutdown = Shutdown(
        drain_seconds=reader.seconds("DRAIN_SECONDS", default=20, low=0, high=3600),
        # Under the 30 seconds that ECS waits by default between SIGTERM and SIGKILL.
        deadline_seconds=reader.seconds("SHUTDOWN_SECONDS", default=28, low=0.1, high=3700),
    )
    if shutdown.deadline_seconds <= shutdown.drain_seconds:
        reader.refuse(
            "SHUTDOWN_SECONDS", f"must be more than DRAIN_SECONDS ({shutdown.drain_seconds:g}), which is a part of it"
        )
    return shutdown


def _aws(reader: EnvironmentReader) -> Aws:
    endpoints = {
        service: reader.text(f"AWS_ENDPOINT_URL{suffix}", _URL).rstrip("/")
        for service, suffix in (("", ""), ("dynamodb", "_DYNAMODB"), ("s3", "_S3"))
    }
    disabled = reader.switch("AWS_EC2_METADATA_DISABLED")
    metadata = reader.text("AWS_EC2_METADATA_SERVICE_ENDPOINT", _URL, default="http://169.254.169.254").rstrip("/")
    return Aws(
        region=reader.text("AWS_REGION", _REGION, required=True),
        url_suffix=reader.text("AWS_URL_SUFFIX", _SUFFIX, default="amazonaws.com"),
        endpoints={service: url for service, url in endpoints.items() if url},
        metadata_endpoint="" if disabled else metadata,
    )


def _dependencies(reader: EnvironmentReader) -> Dependencies:
    host = reader.text("DATABASE_HOST", _HOST)
    table = reader.text("TABLE_NAME", _TABLE)
    bucket = reader.text("BUCKET_NAME", _BUCKET)
    configured = {DATABASE: host, TABLE: table, BUCKET: bucket}
    chosen = reader.text("DEEP_HEALTH_CHECKS", _CHECKS)
    checked = tuple(name for name in DEPENDENCIES if (name in chosen.split(",") if chosen else configured[name]))
    variables = {DATABASE: "DATABASE_HOST", TABLE: "TABLE_NAME", BUCKET: "BUCKET_NAME"}
    for name in checked:
        if not configured[name]:
            reader.refuse("DEEP_HEALTH_CHECKS", f"names {name}, so {variables[name]} must be set and valid")
    return Dependencies(
        database_host=host,
        database_port=reader.whole("DATABASE_PORT", default=3306, low=1, high=65535),
        table_name=table,
        bucket_name=bucket,
        checked=checked,
        # Route 53 wants the whole response within two seconds of connecting:
        # https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
        timeouts={
            name: reader.seconds(f"{name.upper()}_TIMEOUT_SECONDS", default=1.5, low=0.1, high=10)
            for name in DEPENDENCIES
        },
        item_seconds=reader.seconds("ITEM_TIMEOUT_SECONDS", default=5, low=0.1, high=30),
        cache_seconds=reader.seconds("DEEP_HEALTH_CACHE_SECONDS", default=5, low=0.1, high=60),
    )
