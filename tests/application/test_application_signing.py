"""Signatures and credentials, held against botocore's and the documented endpoints."""

import threading
import time
from collections.abc import Mapping

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from application.aws import AwsClient, AwsError
from application.credentials import Credentials, CredentialsError, CredentialSource
from application.settings import Aws
from application.signature import sign
from tests.application.harness import http_stub

_NOW = 1795597200.0


@pytest.mark.parametrize("token", ["", "a/session+token=="])
@pytest.mark.parametrize(
    ("service", "method", "path", "headers", "body"),
    [
        ("dynamodb", "POST", "/", {"X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "a;  b"}, b'{"a": 1}'),
        ("s3", "HEAD", "/", {}, b""),
        ("s3", "HEAD", "/a-bucket.with.dots", {}, b""),
    ],
)
def test_the_signature_is_the_one_that_botocore_makes(
    monkeypatch: pytest.MonkeyPatch,
    token: str,
    service: str,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
) -> None:
    host = f"{service}.eu-west-1.amazonaws.com"
    ours = sign(
        method=method,
        path=path,
        headers={"Host": host, **headers},
        body=body,
        service=service,
        region="eu-west-1",
        credentials=Credentials("AKIAEXAMPLE", "secret/key+", token),
        now=_NOW,
    )
    unsigned = {name: value for name, value in ours.items() if name not in ("Authorization", "X-Amz-Security-Token")}
    request = AWSRequest(method=method, url=f"https://{host}{path}", data=body, headers=unsigned)
    request.context["timestamp"] = ours["X-Amz-Date"]
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(
        BotocoreCredentials("AKIAEXAMPLE", "secret/key+", token or None), service, "eu-west-1"
    )
    monkeypatch.setattr(auth, "_modify_request_before_signing", lambda request: None)
    if token:
        request.headers["X-Amz-Security-Token"] = token
    theirs = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)

    assert ours["Authorization"].endswith(f"Signature={theirs}")


def _source(environment: Mapping[str, str], endpoint: str = "") -> CredentialSource:
    return CredentialSource(environment, metadata_endpoint=endpoint, container_endpoint=endpoint)


def _document(key_id: str, seconds: float) -> dict[str, str]:
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    return {"AccessKeyId": key_id, "SecretAccessKey": "secret", "Token": "token", "Expiration": expires}


def test_credentials_of_the_environment_come_first() -> None:
    found = _source(
        {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}
    ).get()

    assert (found.key_id, found.secret, found.token) == ("AKIAEXAMPLE", "secret", "token")


def test_a_secret_is_not_shown_when_credentials_are_printed() -> None:
    assert "hidden" not in repr(Credentials("AKIAEXAMPLE", "hidden", "hidden"))


def test_a_task_gets_its_roles_credentials() -> None:
    with http_stub(lambda *_: (200, _document("ASIATASK", 3600))) as endpoint:
        found = _source({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/abc"}, endpoint.url).get()

    assert found.key_id == "ASIATASK"
    assert endpoint.requests[0][:2] == ("GET", "/v2/credentials/abc")


def test_an_instance_gets_its_roles_credentials_with_a_session_token() -> None:
    def answer(method: str, path: str, headers: Mapping[str, str], _: bytes) -> tuple[int, object]:
        if (method, path) == ("PUT", "/latest/api/token"):
            return (200, "session") if headers["X-aws-ec2-metadata-token-ttl-seconds"] else (400, "")
        if headers.get("X-aws-ec2-metadata-token") != "session":
            return 401, ""
        if path.endswith("/security-credentials/"):
            return 200, "the-role"
        return (200, _document("ASIAINSTANCE", 3600)) if path.endswith("/the-role") else (404, "")

    with http_stub(answer) as endpoint:
        assert _source({}, endpoint.url).get().key_id == "ASIAINSTANCE"


def test_credentials_are_kept_while_they_are_good_whoever_asks() -> None:
    with http_stub(lambda *_: (200, _document("ASIATASK", 3600))) as endpoint:
        source = _source({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/"}, endpoint.url)
        threads = [threading.Thread(target=source.get) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(endpoint.requests) == 1


def test_credentials_are_renewed_five_minutes_before_they_expire() -> None:
    answers = [_document("ASIAOLD", 299), _document("ASIANEW", 3600)]
    with http_stub(lambda *_: (200, answers.pop(0))) as endpoint:
        source = _source({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/"}, endpoint.url)

        assert [source.get().key_id, source.get().key_id, source.get().key_id] == ["ASIAOLD", "ASIANEW", "ASIANEW"]


def test_credentials_that_cannot_be_renewed_are_used_to_their_end() -> None:
    answers: list[tuple[int, object]] = [(200, _document("ASIAOLD", 299)), (500, "")]
    with http_stub(lambda *_: answers.pop(0)) as endpoint:
        source = _source({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/"}, endpoint.url)

        assert [source.get().key_id, source.get().key_id] == ["ASIAOLD", "ASIAOLD"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, ""), "HTTP 500"),
        ((200, "no JSON"), "not JSON"),
        ((200, {"Code": "AssumeRoleUnauthorizedAccess"}), "AssumeRoleUnauthorizedAccess"),
        ((200, {**_document("ASIATASK", 1), "Expiration": "soon"}), "holds no credentials"),
    ],
)
def test_an_endpoint_without_credentials_is_an_error_with_its_reason(answer: tuple[int, object], words: str) -> None:
    with (
        http_stub(lambda *_: answer) as endpoint,
        pytest.raises(CredentialsError, match=words),
    ):
        _source({"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/"}, endpoint.url).get()


def test_metadata_that_is_switched_off_is_not_asked() -> None:
    with pytest.raises(CredentialsError, match="switched off"):
        _source({}).get()


@pytest.mark.parametrize(
    ("bucket", "address"),
    [
        ("a-bucket", ("a-bucket.s3.eu-west-1.amazonaws.test", "/")),
        ("a.bucket", ("s3.eu-west-1.amazonaws.test", "/a.bucket")),
    ],
)
def test_a_bucket_is_asked_at_its_own_host_unless_dots_forbid_it(
    monkeypatch: pytest.MonkeyPatch, bucket: str, address: tuple[str, str]
) -> None:
    asked = []

    class Connection:
        def __init__(self, host: str, *_: object, **__: object) -> None:
            self.host = host

        def request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
            asked.append((self.host, path))
            assert headers["Host"] == self.host
            raise OSError("far enough")

        def close(self) -> None:
            pass

    monkeypatch.setattr("application.aws.http.client.HTTPSConnection", Connection)
    aws = Aws(region="eu-west-1", url_suffix="amazonaws.test", endpoints={}, metadata_endpoint="")
    client = AwsClient(aws, _source({"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}))

    with pytest.raises(AwsError, match="no answer"):
        client.head_bucket(bucket, seconds=1)
    with pytest.raises(AwsError, match="no answer"):
        client.dynamodb("GetItem", {}, seconds=1)
    assert asked == [address, *[("dynamodb.eu-west-1.amazonaws.test", "/")] * 2]
