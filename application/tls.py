"""TLS as the listener speaks it."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from application.certificate import self_signed
from application.settings import Listener


def server_context(listener: Listener) -> ssl.SSLContext:
    """TLS 1.2 and newer, forward secrecy and authenticated encryption only, HTTP/1.1 alone."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    if listener.certificate_file:
        context.load_cert_chain(listener.certificate_file, listener.key_file)
    else:
        with _in_memory("".join(self_signed("localhost"))) as path:
            context.load_cert_chain(path)
    return context


@contextmanager
def _in_memory(text: str) -> Iterator[str]:
    """A path that holds ``text`` for a moment: OpenSSL reads keys by path only.

    On Linux it is memory, so that no file system has to be writable: a volume that Fargate mounts belongs to root
    (https://github.com/aws/containers-roadmap/issues/938). Elsewhere it is a temporary file that only its owner reads.
    """
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("certificate"), "w") as file:
            file.write(text)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(text)
            file.flush()
            yield file.name
