"""A server with TLS on loopback, for whatever asks one as a client of the platform would."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from application.certificate import self_signed


class HttpsServer:
    """Answers every GET; its status, its headers and whether it keeps silent can be set."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.silent = threading.Event()
        self.released = threading.Event()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if server.silent.is_set():
                    server.released.wait(30)
                    return
                self.send_response(server.status)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
                """Silence."""

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = f"https://localhost:{self.http.server_port}/health"


@contextmanager
def https_server(folder: Path) -> Iterator[tuple[HttpsServer, Path]]:
    """A running server, and the file of the certificate for localhost that vouches for it."""
    certificate, key = certificate_of_localhost(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    running = HttpsServer(context)
    thread = threading.Thread(target=running.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield running, certificate
    finally:
        running.released.set()
        running.http.shutdown()
        running.http.server_close()
        thread.join()


def certificate_of_localhost(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost and its key, as files."""
    certificate, key = self_signed("localhost")
    (folder / "certificate.pem").write_text(certificate)
    (folder / "key.pem").write_text(key)
    return folder / "certificate.pem", folder / "key.pem"
