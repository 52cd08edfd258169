"""Signatures of calls to API Gateway: SigV4 for one region, SigV4a for a set of them.

SigV4 is what every AWS SDK does; botocore's own signer is used. SigV4a replaces the key that is derived for a day, a
region and a service by a pair of keys on the curve P-256 that is derived from the secret key alone, so that the same
call is valid in every region that ``X-Amz-Region-Set`` names; botocore has it only with a compiled extension, so the
derivation stands here. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

SERVICE = "execute-api"
_ALGORITHM = "AWS4-ECDSA-P256-SHA256"
# The order of the curve P-256.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Call:
    """A request before it is signed."""

    method: str
    url: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None


def sign(call: Call, credentials: ReadOnlyCredentials, *, region: str) -> dict[str, str]:
    """The headers of the call, signed for one region with SigV4."""
    request = AWSRequest(call.method, call.url, headers=dict(call.headers or {}), data=call.body)
    SigV4Auth(credentials, SERVICE, region).add_auth(request)
    return dict(request.headers.items())


def sign_for_all(
    call: Call, credentials: ReadOnlyCredentials, *, regions: str = "*", now: datetime | None = None
) -> dict[str, str]:
    """The headers of the call, signed with SigV4a; ``regions`` is a list with commas, in which ``*`` stands for any."""
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    headers = {name.lower(): value.strip() for name, value in (call.headers or {}).items()}
    headers |= {"host": urlsplit(call.url).netloc, "x-amz-date": moment, "x-amz-region-set": regions}
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    scope = f"{moment[:8]}/{SERVICE}/aws4_request"
    canonical = canonical_request(call, headers)
    to_sign = "\n".join([_ALGORITHM, moment, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = key_pair(credentials).sign(to_sign.encode(), ec.ECDSA(hashes.SHA256())).hex()
    credential = f"{credentials.access_key}/{scope}"
    headers["authorization"] = f"{_ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return headers


def canonical_request(call: Call, headers: Mapping[str, str]) -> str:
    """What both ends hash; ``headers`` by names in lower case."""
    parts = urlsplit(call.url)
    query = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in _query(parts.query))
    return "\n".join(
        [
            call.method,
            quote(parts.path or "/", safe="/-_.~"),
            "&".join(f"{name}={value}" for name, value in query),
            *(f"{name}:{headers[name]}" for name in sorted(headers)),
            "",
            ";".join(sorted(headers)),
            hashlib.sha256(call.body).hexdigest(),
        ]
    )


def key_pair(credentials: ReadOnlyCredentials) -> ec.EllipticCurvePrivateKey:
    """The pair of keys that belongs to a secret key: NIST SP 800-108's counter mode, until a number fits the curve."""
    for counter in range(1, 255):
        fixed = _ALGORITHM.encode() + b"\0" + str(credentials.access_key).encode() + bytes([counter])
        message = (1).to_bytes(4) + fixed + (256).to_bytes(4)
        digest = hmac.new(b"AWS4A" + str(credentials.secret_key).encode(), message, hashlib.sha256).digest()
        candidate = int.from_bytes(digest)
        if candidate <= _ORDER - 2:
            return ec.derive_private_key(candidate + 1, ec.SECP256R1())
    raise AssertionError("254 numbers above the order of P-256: this happens to nobody")


def _query(text: str) -> list[tuple[str, str]]:
    return parse_qsl(text, keep_blank_values=True)
