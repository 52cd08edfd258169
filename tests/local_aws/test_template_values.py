"""A template's values become what an API wants."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from local_aws.clients import Clients, as_shape, call, text, truth
from local_aws.operations import Call, call_of
from local_aws.resource_type import tag_changes, tag_list, tags_of

REGION = "us-west-2"


@pytest.fixture(scope="module")
def clients() -> Clients:
    """Clients of nobody: nothing listens there."""
    return Clients("http://127.0.0.1:1")


def test_names_are_found_whatever_their_capitals_and_values_get_their_types(clients: Clients) -> None:
    shape = clients.get("ec2", REGION, "111122223333").meta.service_model.operation_model("CreateVpc").input_shape
    given = {"cidrblock": "10.0.0.0/16", "DryRun": "true", "Unknown": 1, "Ipv4NetmaskLength": "16", "VpcId": None}
    assert as_shape(shape, given) == {"CidrBlock": "10.0.0.0/16", "DryRun": True, "Ipv4NetmaskLength": 16}


def test_a_policy_becomes_its_text_and_a_single_value_a_list(clients: Clients) -> None:
    iam = clients.get("iam", REGION, "111122223333").meta.service_model.operation_model("CreateRole").input_shape
    wanted = as_shape(iam, {"RoleName": "own", "AssumeRolePolicyDocument": {"Statement": []}, "MaxSessionDuration": 1})
    assert wanted["AssumeRolePolicyDocument"] == '{"Statement": []}'
    sqs = clients.get("cloudwatch", REGION, "111122223333").meta.service_model
    alarm = sqs.operation_model("PutMetricAlarm").input_shape
    wanted = as_shape(alarm, {"AlarmActions": "arn:aws:sns:one", "Threshold": "0.5", "EvaluationPeriods": "2"})
    assert wanted == {"AlarmActions": ["arn:aws:sns:one"], "Threshold": 0.5, "EvaluationPeriods": 2}


def test_an_operation_without_parameters_is_called_without() -> None:
    class Model:
        input_shape = None

    class Client:
        class meta:  # noqa: N801 - botocore's own name
            method_to_api_mapping: ClassVar = {"get_it": "GetIt"}

            class service_model:  # noqa: N801 - botocore's own name
                @staticmethod
                def operation_model(_: str) -> Model:
                    return Model()

        @staticmethod
        def get_it() -> dict[str, Any]:
            return {"It": 1}

    assert call(Client, "GetIt", {"Any": "thing"}) == {"It": 1}


def test_a_client_is_made_once(clients: Clients) -> None:
    first = clients.get("s3", REGION, "111122223333")
    assert clients.get("s3", REGION, "111122223333") is first
    assert clients.get("s3", REGION, "444455556666") is not first


@pytest.mark.parametrize(("given", "expected"), [(True, True), ("True", True), ("false", False), (False, False)])
def test_a_truth_may_be_a_text(given: object, expected: bool) -> None:
    assert truth(given) == expected


@pytest.mark.parametrize(("given", "expected"), [("a", "a"), (1, "1"), (True, "true"), ([1], "[1]")])
def test_everything_has_a_text(given: object, expected: str) -> None:
    assert text(given) == expected


def test_tags_are_read_from_both_forms_without_cloudformations_own() -> None:
    listed = [{"Key": "Owner", "Value": "one"}, {"Key": "aws:cloudformation:stack-name", "Value": "stack"}]
    assert tags_of({"Tags": listed}) == {"Owner": "one"}
    assert tags_of({"Labels": {"Owner": "one", "aws:x": "y"}}, "Labels") == {"Owner": "one"}
    assert tags_of({}) == {}
    assert tag_list({"Owner": "one"}, "key", "value") == [{"key": "Owner", "value": "one"}]
    assert tag_changes({"Old": "1", "Same": "1"}, {"Same": "1", "New": "2"}) == (["Old"], {"New": "2"})


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("headers", "body", "query", "expected"),
    [
        ({"x-amz-target": "StarlingDoveService.PutConfigRule"}, b"{}", {}, Call("PutConfigRule", {})),
        (FORM, b"Action=CreateTags&Key=1", {}, Call("CreateTags", {"Action": "CreateTags", "Key": "1"})),
        ({}, b"", {"Action": ["CreateTags"], "Empty": []}, Call("CreateTags", {"Action": "CreateTags"})),
        ({}, b"not a form", {}, Call("", {})),
    ],
)
def test_the_operation_is_read_from_a_request(
    headers: dict[str, str], body: bytes, query: dict[str, Any], expected: Call
) -> None:
    assert call_of(headers, body, query) == expected
