"""The API of a region, held against its document and against who may call it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
from constructs.serverless.api_document import document, operations, schemas

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, order, text

CERTIFICATE = "arn:aws:acm:{}:000000000000:certificate/11111111-1111-1111-1111-111111111111"


def methods(stack: StackTemplate) -> dict[tuple[str, str], dict[str, Any]]:
    """The methods by HTTP method and path."""
    resources = stack.of_type("AWS::ApiGateway::Resource")

    def path(logical_id: str) -> str:
        properties = resources[logical_id]["Properties"]
        parent = properties["ParentId"].get("Ref")
        return (path(parent) if parent else "") + "/" + str(properties["PathPart"])

    return {
        (found["HttpMethod"], path(found["ResourceId"]["Ref"])): found
        for found in stack.properties("AWS::ApiGateway::Method")
    }


def test_the_api_is_what_its_document_says(platform: Assembly) -> None:
    described = {(operation.method, operation.path): operation for operation in operations(document())}
    for stack in platform.of(Stacks.SERVERLESS):
        found = methods(stack)
        assert found.keys() == described.keys()
        for key, method in found.items():
            assert method["OperationName"] == described[key].id
            assert method.get("RequestParameters", {}) == described[key].parameters
            models = {text(model).strip("${}") for model in method.get("RequestModels", {}).values()}
            names = {stack.resources[model]["Properties"]["Name"] for model in models}
            assert names == ({described[key].model} if described[key].model else set())


def test_the_document_is_valid_and_its_examples_of_answers_are_described() -> None:
    described = document()
    assert described["openapi"].startswith("3.0.")
    assert len({operation.id for operation in operations(described)}) == 5
    for schema in schemas(described).values():
        jsonschema.Draft4Validator.check_schema(schema)
    known = {f"#/components/schemas/{name}" for name in schemas(described)}
    references = {part.split('"')[1] for part in json.dumps(described).split('"$ref": ')[1:]}
    assert references == known


def test_the_gateway_checks_what_the_document_requires(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        (validator,) = stack.properties("AWS::ApiGateway::RequestValidator")
        assert validator["ValidateRequestParameters"] is validator["ValidateRequestBody"] is True
        assert all("RequestValidatorId" in method for method in methods(stack).values())
        model = one(stack, "AWS::ApiGateway::Model")
        for body, fine in (({"key": "a", "size": 1}, True), ({"key": "a"}, False), ({"key": "", "size": 1}, False)):
            assert jsonschema.Draft4Validator(model["Schema"]).is_valid(body) is fine, body


def test_nobody_gets_in_without_a_signature_and_nobody_is_kept_out_by_address(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        assert {method["AuthorizationType"] for method in methods(stack).values()} == {"AWS_IAM"}
        assert "Policy" not in one(stack, "AWS::ApiGateway::RestApi")


def test_the_default_endpoint_works_and_there_is_no_other_name_by_default(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        api = one(stack, "AWS::ApiGateway::RestApi")
        assert not api.get("DisableExecuteApiEndpoint", False)
        assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
        assert not stack.of_type("AWS::ApiGateway::DomainName")


def test_old_versions_of_tls_are_refused(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        api = one(stack, "AWS::ApiGateway::RestApi")
        assert api["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PQ_2025_09"
        assert api["EndpointAccessMode"] == "STRICT"


def test_the_stage_is_logged_traced_and_throttled_by_the_file() -> None:
    settings = {"api": {"requests_per_second": 7, "burst": 9}}
    stack = synthesise(environment(regions=1, serverless=settings)).stack(Stacks.SERVERLESS)
    stage = one(stack, "AWS::ApiGateway::Stage")
    assert stage["TracingEnabled"] is True
    (everything,) = stage["MethodSettings"]
    assert (everything["HttpMethod"], everything["ResourcePath"]) == ("*", "/*")
    assert (everything["ThrottlingRateLimit"], everything["ThrottlingBurstLimit"]) == (7, 9)
    assert everything["DataTraceEnabled"] is False
    arn = text(stage["AccessLogSetting"]["DestinationArn"])
    (group,) = (group for logical_id, group in stack.of_type("AWS::Logs::LogGroup").items() if logical_id in arn)
    assert "KmsKeyId" in group["Properties"]
    assert json.loads(stage["AccessLogSetting"]["Format"])["caller"] == "$context.identity.userArn"


def test_the_stage_comes_after_the_account_may_write_its_logs(platform: Assembly) -> None:
    names = order(platform)
    for stack in platform.of(Stacks.SERVERLESS):
        security = platform.stack(Stacks.SECURITY, stack.region)
        assert security.of_type("AWS::ApiGateway::Account")
        assert security.name in names[stack.name]


def test_the_firewall_is_a_switch(platform: Assembly) -> None:
    for stack in platform.of(Stacks.SERVERLESS):
        assert not stack.of_type("AWS::WAFv2::WebACL")
    guarded = synthesise(environment(regions=2, serverless={"api": {"waf": {"enabled": True}}}))
    for stack in guarded.of(Stacks.SERVERLESS):
        (association,) = stack.of_type("AWS::WAFv2::WebACLAssociation").values()
        (stage,) = stack.of_type("AWS::ApiGateway::Stage")
        assert stage in text(association["Properties"]["ResourceArn"])
        assert stage in association["DependsOn"]


def test_a_name_of_its_own_leads_to_the_nearest_region_with_a_certificate_of_each() -> None:
    regions = ("us-east-1", "us-west-2")
    name = {"name": "api.test.acme.example", "certificates": {region: CERTIFICATE.format(region) for region in regions}}
    assembly = synthesise(environment(regions=2, serverless={"api": {"custom_domain": name}}))
    for stack in assembly.of(Stacks.SERVERLESS):
        domain = one(stack, "AWS::ApiGateway::DomainName")
        assert domain["RegionalCertificateArn"] == CERTIFICATE.format(stack.region)
        assert domain["SecurityPolicy"] == "SecurityPolicy_TLS13_1_2_PQ_2025_09"
        record = one(stack, "AWS::Route53::RecordSet")
        assert (record["Region"], record["SetIdentifier"]) == (stack.region, stack.region)
        assert not one(stack, "AWS::ApiGateway::RestApi").get("DisableExecuteApiEndpoint", False)


def test_the_function_knows_the_raw_buckets_of_all_regions_its_own_first(platform: Assembly) -> None:
    regions = [region.name for region in platform.environment.regions]
    for stack in platform.of(Stacks.SERVERLESS):
        (variables,) = (
            found["Environment"]["Variables"]
            for found in stack.properties("AWS::Lambda::Function")
            if found["Handler"] == "api.handler.handler"
        )
        buckets = variables["RAW_BUCKETS"].split(",")
        assert len(buckets) == len(regions)
        assert buckets[0].endswith(stack.region)
        assert {region for region in regions for bucket in buckets if bucket.endswith(region)} == set(regions)
