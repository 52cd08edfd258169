"""The application speaks TLS 1.2 and newer, with a certificate of its own making or a given one."""

import socket
import ssl
from pathlib import Path

import pytest

from application.certificate import self_signed
from application.settings import Listener
from application.tls import server_context
from tests.application.conftest import Start
from tests.application.harness import RunningApplication, client_context

# X509_V_FLAG_CHECK_SS_SIGNATURE: OpenSSL takes a trusted self-signed certificate at its word unless told otherwise.
_CHECK_OWN_SIGNATURE = 0x4000
_LISTENER = Listener(address="127.0.0.1", port=0, certificate_file="", key_file="", max_connections=1)


def _only(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = client_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    return context


def _verifying(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=certificate)
    context.verify_flags |= _CHECK_OWN_SIGNATURE
    return context


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost") -> None:
    """A whole handshake in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    waiting = True
    while waiting:
        waiting = False
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                waiting = True


def _server(directory: Path, certificate: str, key: str) -> ssl.SSLContext:
    path = directory / "both.pem"
    path.write_text(certificate + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_tls_is_spoken(application: RunningApplication, version: ssl.TLSVersion) -> None:
    with application.connect(_only(version)) as connection:
        assert connection.version() == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
def test_tls_1_1_is_refused_by_the_application_and_not_by_the_client(
    application: RunningApplication, tmp_path: Path
) -> None:
    old = _only(ssl.TLSVersion.TLSv1_1)
    willing = _server(tmp_path, *self_signed("localhost"))
    willing.set_ciphers("ALL:@SECLEVEL=0")
    willing.minimum_version = ssl.TLSVersion.TLSv1_1
    _shake_hands(willing, old)

    with pytest.raises(ssl.SSLError, match="UNSUPPORTED_PROTOCOL"):
        _shake_hands(server_context(_LISTENER), old)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        application.connect(old)


def test_ciphers_without_forward_secrecy_are_refused(application: RunningApplication) -> None:
    context = _only(ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("AES128-GCM-SHA256:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")

    with pytest.raises(ssl.SSLError):
        application.connect(context)


def test_plain_http_gets_no_answer(application: RunningApplication) -> None:
    with socket.create_connection(("127.0.0.1", application.port), timeout=10) as plain:
        plain.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        received = plain.recv(1000)

    assert not received.startswith(b"HTTP")


def test_http_1_1_is_negotiated(application: RunningApplication) -> None:
    context = client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])

    with application.connect(context) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


def test_each_process_has_a_certificate_of_its_own(application: RunningApplication, start: Start) -> None:
    other = start()
    with application.connect() as one, other.connect() as another:
        assert one.getpeercert(binary_form=True) != another.getpeercert(binary_form=True)


@pytest.mark.parametrize("attempt", range(20))
def test_the_certificate_made_at_the_start_is_valid_for_its_name(tmp_path: Path, attempt: int) -> None:
    certificate, key = self_signed("application.internal")

    _shake_hands(_server(tmp_path, certificate, key), _verifying(certificate), "application.internal")


def test_the_certificate_is_valid_for_no_other_name(tmp_path: Path) -> None:
    certificate, key = self_signed("application.internal")

    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        _shake_hands(_server(tmp_path, certificate, key), _verifying(certificate), "other.internal")


def test_a_given_certificate_is_used(start: Start, tmp_path: Path) -> None:
    certificate, key = self_signed("localhost")
    (tmp_path / "certificate.pem").write_text(certificate)
    (tmp_path / "key.pem").write_text(key)

    application = start(TLS_CERTIFICATE_FILE=str(tmp_path / "certificate.pem"), TLS_KEY_FILE=str(tmp_path / "key.pem"))

    with application.connect(_verifying(certificate)) as connection:
        assert connection.getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(certificate)
    assert application.wait_for("listening")["self_signed"] is False
