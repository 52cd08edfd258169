"""The client's signatures, by AWS's own published vectors and against a server of our own."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from botocore.credentials import ReadOnlyCredentials
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ops.client.signature import Call, canonical_request, key_pair, sign, sign_for_all

# The known answer of awslabs/aws-c-auth, tests/key_derivation_tests.c, which its authors hold against IAM's own.
KNOWN = ReadOnlyCredentials("AKISORANDOMAASORANDOM", "q+jcrXGc+0zWN6uzclKVhvMmUsIfRPa4rlRandom", None)
PRIVATE = 0x7FD3BD010C0D9C292141C2B77BFBDE1042C92E6836FFF749D1269EC890FCA1BD
PUBLIC_X = 0x15D242CEEBF8D8169FD6A8B5A746C41140414C3B07579038DA06AF89190FFFCB
CALL = Call(
    "PUT", "https://api.example.com/v1/objects?key=a%20b%2Fc&version=1", b"a\n1\n", {"Content-Type": "text/csv"}
)
NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def test_the_pair_of_keys_is_the_one_that_aws_derives() -> None:
    numbers = key_pair(KNOWN).private_numbers()
    assert numbers.private_value == PRIVATE
    assert numbers.public_numbers.x == PUBLIC_X


def test_a_call_for_every_region_carries_a_signature_that_the_public_key_verifies() -> None:
    headers = sign_for_all(CALL, KNOWN, regions="us-east-1,us-west-2", now=NOW)
    found = re.fullmatch(
        r"AWS4-ECDSA-P256-SHA256 Credential=AKISORANDOMAASORANDOM/20261125/execute-api/aws4_request, "
        r"SignedHeaders=content-type;host;x-amz-date;x-amz-region-set, Signature=([0-9a-f]+)",
        headers.pop("authorization"),
    )
    assert found
    assert headers["x-amz-region-set"] == "us-east-1,us-west-2"
    import hashlib

    digest = hashlib.sha256(canonical_request(CALL, headers).encode()).hexdigest()
    signed = f"AWS4-ECDSA-P256-SHA256\n20261125T120000Z\n20261125/execute-api/aws4_request\n{digest}"
    key_pair(KNOWN).public_key().verify(bytes.fromhex(found[1]), signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_the_canonical_request_is_what_the_documentation_says() -> None:
    headers = {"host": "api.example.com", "x-amz-date": "20261125T120000Z"}
    assert canonical_request(CALL, headers).splitlines() == [
        "PUT",
        "/v1/objects",
        "key=a%20b%2Fc&version=1",
        "host:api.example.com",
        "x-amz-date:20261125T120000Z",
        "",
        "host;x-amz-date",
        "309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc",
    ]


def test_a_call_for_one_region_names_it_and_a_session_token_goes_with_both() -> None:
    temporary = ReadOnlyCredentials("AKIDEXAMPLE", "secret", "session")
    headers = sign(CALL, temporary, region="eu-west-1")
    assert "/eu-west-1/execute-api/aws4_request" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "session"
    assert "x-amz-security-token" in sign_for_all(CALL, temporary)["authorization"]
