"""A self-signed certificate for the way between the load balancer and this process, made in memory.

The load balancer encrypts that way and does not validate the certificate at its end, so any certificate will do:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html

The standard library cannot make one. The ``openssl`` command can, but nothing promises that it is there: Debian's
Python images have it only because ``ca-certificates`` depends on it, Alpine's have not, and the package list of the
Amazon Linux 2023 machine image is not documented to keep it. A process that cannot start because a command moved
would be a poor trade for the hundred lines below, which need nothing and take milliseconds.

They use the curve P-256, from FIPS 186-5 and SEC 1, on a key that lives as long as the process. Python's integers
are not constant in time, which matters to nobody here: a key is used once by this code, to sign its own
certificate, before the first client connects. Every handshake after that is OpenSSL's work.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time

# SEC 2, section 2.4.2: https://www.secg.org/sec2-v2.pdf
_PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BASE = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
_SLOPE = -3

_DAY = 24 * 60 * 60
_INTEGER, _BIT_STRING, _OCTET_STRING, _OBJECT_ID, _UTF8_STRING, _TIME = 0x02, 0x03, 0x04, 0x06, 0x0C, 0x17
_SEQUENCE, _SET, _CONTEXT_0, _CONTEXT_1, _CONTEXT_3, _DNS_NAME = 0x30, 0x31, 0xA0, 0xA1, 0xA3, 0x82
_EC_PUBLIC_KEY = bytes.fromhex("2a8648ce3d0201")
_P256 = bytes.fromhex("2a8648ce3d030107")
_ECDSA_WITH_SHA256 = bytes.fromhex("2a8648ce3d040302")
_COMMON_NAME = bytes.fromhex("550403")
_SUBJECT_ALTERNATIVE_NAME = bytes.fromhex("551d11")


def self_signed(name: str, *, days: int = 3650) -> tuple[str, str]:
    """A certificate for the host ``name`` and its private key, both as PEM, valid from an hour ago for ``days``."""
    private = secrets.randbelow(_ORDER - 1) + 1
    public = b"\x04" + b"".join(value.to_bytes(32, "big") for value in _multiply(private, _BASE))
    body = _certificate_body(name, public, days)
    certificate = _der(_SEQUENCE, body, _signature_algorithm(), _der(_BIT_STRING, b"\0", _sign(private, body)))
    # RFC 5915
    key = _der(
        _SEQUENCE,
        _integer(1),
        _der(_OCTET_STRING, private.to_bytes(32, "big")),
        _der(_CONTEXT_0, _der(_OBJECT_ID, _P256)),
        _der(_CONTEXT_1, _der(_BIT_STRING, b"\0", public)),
    )
    return _pem("CERTIFICATE", certificate), _pem("EC PRIVATE KEY", key)


def _certificate_body(name: str, public: bytes, days: int) -> bytes:
    """The part that is signed: RFC 5280, section 4.1."""
    now = time.time()
    who = _der(
        _SEQUENCE, _der(_SET, _der(_SEQUENCE, _der(_OBJECT_ID, _COMMON_NAME), _der(_UTF8_STRING, name.encode())))
    )
    alternative_names = _der(_OCTET_STRING, _der(_SEQUENCE, _der(_DNS_NAME, name.encode())))
    return _der(
        _SEQUENCE,
        _der(_CONTEXT_0, _integer(2)),
        _integer(secrets.randbits(127) | 1),
        _signature_algorithm(),
        who,
        _der(_SEQUENCE, _time(now - _DAY / 24), _time(now + days * _DAY)),
        who,
        _der(
            _SEQUENCE,
            _der(_SEQUENCE, _der(_OBJECT_ID, _EC_PUBLIC_KEY), _der(_OBJECT_ID, _P256)),
            _der(_BIT_STRING, b"\0", public),
        ),
        _der(
            _CONTEXT_3,
            _der(_SEQUENCE, _der(_SEQUENCE, _der(_OBJECT_ID, _SUBJECT_ALTERNATIVE_NAME), alternative_names)),
        ),
    )


def _sign(private: int, message: bytes) -> bytes:
    """ECDSA with SHA-256: FIPS 186-5, section 6.4.1."""
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    while True:
        nonce = secrets.randbelow(_ORDER - 1) + 1
        first = _multiply(nonce, _BASE)[0] % _ORDER
        second = pow(nonce, -1, _ORDER) * (digest + first * private) % _ORDER
        if first and second:
            return _der(_SEQUENCE, _integer(first), _integer(second))


def _multiply(factor: int, point: tuple[int, int]) -> tuple[int, int]:
    """``factor`` times ``point``, for a factor from 1 to the curve's order less 1: double and add."""
    result = point
    for bit in bin(factor)[3:]:
        result = _add(result, result)
        if bit == "1":
            result = _add(result, point)
    return result


def _add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The sum of two points that are not each other's negative, which the factors above never make them."""
    if one == other:
        slope = (3 * one[0] * one[0] + _SLOPE) * pow(2 * one[1], -1, _PRIME)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, _PRIME)
    x = (slope * slope - one[0] - other[0]) % _PRIME
    return x, (slope * (one[0] - x) - one[1]) % _PRIME


def _der(tag: int, *parts: bytes) -> bytes:
    """One element of ASN.1's distinguished encoding rules."""
    content = b"".join(parts)
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _der(_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _time(seconds: float) -> bytes:
    return _der(_TIME, time.strftime("%y%m%d%H%M%SZ", time.gmtime(seconds)).encode())


def _signature_algorithm() -> bytes:
    return _der(_SEQUENCE, _der(_OBJECT_ID, _ECDSA_WITH_SHA256))


def _pem(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"
