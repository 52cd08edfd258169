"""Who may do what in a release: read from every synthesised statement."""

import json

import pytest

from tests.cicd.reading import pipeline_of, released
from tests.synthesis import Assembly, StackTemplate
from tests.template_reading import role_statements, roles, statements_of, text

HOME = "us-east-1"


def cicd(*, approval: str = "none") -> StackTemplate:
    return pipeline_of(released(regions=2, approval=approval)).stack


def role(stack: StackTemplate, path: str) -> str:
    return next(id_ for id_ in stack.of_type("AWS::IAM::Role") if id_.startswith(path))


def test_no_role_is_an_administrator_and_none_has_a_managed_policy(platform: Assembly) -> None:
    for region in platform.environment.regions:
        stack = pipeline_of(platform, region.name).stack
        for logical_id, found in stack.of_type("AWS::IAM::Role").items():
            assert "AdministratorAccess" not in json.dumps(found)
            if not logical_id.startswith("Custom"):
                assert "ManagedPolicyArns" not in found["Properties"], logical_id
        for policy in stack.properties("AWS::IAM::Policy"):
            for statement in statements_of(policy["PolicyDocument"]):
                assert "*" not in statement["Action"]
                assert "iam:PassRole" not in statement["Action"]


def test_a_role_is_taken_on_by_one_service_alone() -> None:
    stack = cicd(approval="required")
    for service in ("codebuild", "codepipeline"):
        for logical_id in roles(stack, f"{service}.amazonaws.com"):
            statements = stack.resources[logical_id]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert [statement["Principal"] for statement in statements] == [{"Service": f"{service}.amazonaws.com"}]


@pytest.mark.parametrize("path", ["RolesBuild", "RolesDifferences", "RolesVerification"])
def test_a_build_can_change_nothing_but_artifacts_and_its_log(path: str) -> None:
    stack = cicd(approval="required")
    changing = {
        action
        for statement in role_statements(stack, role(stack, path))
        for action in statement["Action"]
        if not action.split(":")[1].startswith(("Get", "List", "Describe", "Decrypt", "UseConnection"))
    }
    artifacts = {"s3:PutObject", "kms:GenerateDataKey", "logs:CreateLogStream", "logs:PutLogEvents"}
    more = {
        "RolesBuild": set(),
        "RolesDifferences": {"sts:AssumeRole"},
        "RolesVerification": {"cloudformation:UpdateTerminationProtection"},
    }
    assert changing == artifacts | more[path]


def test_what_compares_takes_on_the_lookup_roles_alone() -> None:
    stack = cicd(approval="required")
    (assume,) = [
        statement
        for statement in role_statements(stack, role(stack, "RolesDifferences"))
        if statement["Action"] == ["sts:AssumeRole"]
    ]
    assert sorted(assume["Resource"]) == [
        f"arn:aws:iam::000000000000:role/cdk-hnb659fds-lookup-role-000000000000-{region}"
        for region in ("us-east-1", "us-west-2")
    ]


def test_protection_is_given_to_the_environments_own_stacks_alone() -> None:
    stack = cicd()
    (protect,) = [
        statement
        for statement in role_statements(stack, role(stack, "RolesVerification"))
        if "cloudformation:UpdateTerminationProtection" in statement["Action"]
    ]
    assert protect["Resource"] == ["arn:aws:cloudformation:*:000000000000:stack/Acme-test-*/*"]


def test_the_pipeline_uses_another_regions_key_by_the_keys_alias_and_for_s3_alone() -> None:
    stack = cicd()
    (statement,) = [
        statement
        for statement in role_statements(stack, role(stack, "RolesPipeline"))
        if statement["Resource"] == ["arn:aws:kms:us-west-2:000000000000:key/*"]
    ]
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/Acme-test-Artifacts"},
    }


def test_every_region_keeps_artifacts_under_its_own_key(platform: Assembly) -> None:
    for region in platform.environment.regions:
        pipeline = pipeline_of(platform, region.name)
        stores = {store["Region"]: store["ArtifactStore"] for store in pipeline.properties["ArtifactStores"]}
        assert set(stores) >= {other.name for other in platform.environment.regions}
        for name, store in stores.items():
            assert store["EncryptionKey"]["Type"] == "KMS"
            if name != region.name:
                assert store["Location"] == f"artifacts-000000000000-acme-test-{name}"
                assert (
                    text(store["EncryptionKey"]["Id"]) == f"arn:aws:kms:{name}:000000000000:alias/Acme-test-Artifacts"
                )


def test_artifacts_can_be_read_by_the_regions_deployment_role_and_stay_readable_for_a_year(
    platform: Assembly,
) -> None:
    for region in platform.environment.regions:
        stack = pipeline_of(platform, region.name).stack
        (bucket_id,) = [id_ for id_ in stack.of_type("AWS::S3::Bucket") if id_.startswith("Artifacts")]
        rules = stack.resources[bucket_id]["Properties"]["LifecycleConfiguration"]["Rules"]
        assert not any("Transitions" in rule for rule in rules), "a rollback cannot wait for Glacier"
        assert [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule] == [365]
        readers = [
            statement
            for policy in stack.properties("AWS::S3::BucketPolicy")
            if policy["Bucket"] == {"Ref": bucket_id}
            for statement in statements_of(policy["PolicyDocument"])
            if statement.get("Sid") == "Deployments"
        ]
        (reader,) = readers
        deploy = f"cdk-hnb659fds-deploy-role-000000000000-{region.name}"
        assert reader["Principal"] == {"AWS": f"arn:aws:iam::000000000000:role/{deploy}"}
