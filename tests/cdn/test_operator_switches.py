"""Where a region is taken out of service: outside of it, and past whatever might keep a health checker away."""

from typing import Any

import pytest

from configuration.names import Stacks
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import statements_of, text

CAREFUL = {"waf": {"enabled": True}, "countries": {"allow": ["DE"]}, "custom_names": False}


def switches_distribution(stack: StackTemplate) -> dict[str, Any] | None:
    found = [
        properties["DistributionConfig"]
        for properties in stack.properties("AWS::CloudFront::Distribution")
        if properties["DistributionConfig"]["Logging"]["Prefix"] == "switches/"
    ]
    assert len(found) <= 1
    return found[0] if found else None


def bucket_of(stack: StackTemplate) -> tuple[str, dict[str, Any]]:
    (found,) = [
        (logical_id, bucket["Properties"])
        for logical_id, bucket in stack.of_type("AWS::S3::Bucket").items()
        if bucket["Properties"]["BucketName"].startswith("switches-")
    ]
    return found


def test_a_region_keeps_the_switches_of_those_whose_copies_it_keeps(platform: Assembly) -> None:
    described = platform.environment
    keepers = {partner for region in described.regions if (partner := described.partner_of(region))}
    for region in described.regions:
        stack = platform.stack(Stacks.CDN, region.name)
        assert (switches_distribution(stack) is not None) is (region in keepers), region.name


@pytest.mark.parametrize("cdn", [{}, CAREFUL], ids=["open", "careful"])
def test_no_health_checker_is_kept_away_and_nothing_is_remembered(cdn: dict[str, Any]) -> None:
    for stack in synthesise(environment(cdn=cdn)).of(Stacks.CDN):
        config = switches_distribution(stack)
        assert config is not None
        assert config["Aliases"] == [f"switches-{stack.region}.cdn.test.acme.example"]
        assert "WebACLId" not in config
        assert "Restrictions" not in config
        # The managed policy that caches nothing.
        assert config["DefaultCacheBehavior"]["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
        assert {error["ErrorCode"]: error["ErrorCachingMinTTL"] for error in config["CustomErrorResponses"]} == {
            403: 0,
            404: 0,
        }


def test_a_missing_object_is_no_success_whatever_page_is_shown() -> None:
    """A check passes on 2xx and 3xx: a page instead of the error would put every region out of service."""
    for stack in synthesise(environment()).of(Stacks.CDN):
        config = switches_distribution(stack)
        assert config is not None
        assert not any(
            "ResponseCode" in error or "ResponsePagePath" in error for error in config["CustomErrorResponses"]
        )


def test_the_bucket_is_private_versioned_and_read_by_its_distribution_alone(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        if switches_distribution(stack) is None:
            continue
        logical_id, bucket = bucket_of(stack)
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["LoggingConfiguration"]["LogFilePrefix"].startswith("s3/switches-")
        (policy,) = [
            properties["PolicyDocument"]
            for properties in stack.properties("AWS::S3::BucketPolicy")
            if properties["Bucket"] == {"Ref": logical_id}
        ]
        (reading,) = [
            statement
            for statement in statements_of(policy)
            if statement.get("Principal") == {"Service": "cloudfront.amazonaws.com"}
        ]
        assert reading["Action"] == ["s3:GetObject"]
        (source,) = reading["Condition"].values()
        assert "SwitchesDistribution" in text(source["AWS:SourceArn"])


def test_a_switch_waits_for_no_key(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        if switches_distribution(stack) is not None:
            (rule,) = bucket_of(stack)[1]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
