"""The distributions: what they serve, from where, under which names, and how they are locked."""

from typing import Any

import pytest

from configuration.names import Stacks
from configuration.partition import GLOBAL_SERVICES_REGION
from tests.synthesis import Assembly, StackTemplate, environment, synthesise
from tests.template_reading import one, order, statements_of, text

DISTRIBUTION = "AWS::CloudFront::Distribution"
EVERYBODY = ["0.0.0.0/0"]
OPTIMISED, DISABLED = "658327ea-f89d-4fab-a63d-7e88639e58f6", "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
WITHOUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def assets_distribution(stack: StackTemplate) -> dict[str, Any]:
    """The configuration of the distribution over the assets."""
    (found,) = [
        properties["DistributionConfig"]
        for properties in stack.properties(DISTRIBUTION)
        if properties["DistributionConfig"]["Logging"]["Prefix"] == "assets/"
    ]
    return dict(found)


def buckets_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    return [origin for origin in config["Origins"] if "S3OriginConfig" in origin]


def with_api(**cdn: Any) -> Assembly:
    return synthesise(environment(allowed_cidr=EVERYBODY, cdn={"dynamic_paths": ["/items/*", "/orders/*"], **cdn}))


def test_a_distribution_reads_its_regions_bucket_by_an_access_control_of_its_own(platform: Assembly) -> None:
    for region in platform.environment.regions:
        stack = platform.stack(Stacks.CDN, region.name)
        config = assets_distribution(stack)
        first = buckets_of(config)[0]
        assert first["DomainName"] == (
            f"static-assets-000000000000-acme-test-{region.name}.s3.{region.name}.amazonaws.com"
        )
        for origin in buckets_of(config):
            control = stack.resources[origin["OriginAccessControlId"]["Fn::GetAtt"][0]]["Properties"]
            assert control["OriginAccessControlConfig"]["SigningBehavior"] == "always"
            assert origin["S3OriginConfig"]["OriginAccessIdentity"] == ""


def test_names_that_are_global_in_the_account_are_given_once(platform: Assembly) -> None:
    names = [
        resource["Properties"]["OriginAccessControlConfig"]["Name"]
        for _, _, resource in platform.resources("AWS::CloudFront::OriginAccessControl")
    ] + [
        resource["Properties"]["ResponseHeadersPolicyConfig"]["Name"]
        for _, _, resource in platform.resources("AWS::CloudFront::ResponseHeadersPolicy")
    ]
    assert names
    assert len(names) == len(set(names))
    assert all(len(name) <= 64 for name in names)


def test_the_bucket_and_its_key_admit_distributions_of_this_account_only(platform: Assembly) -> None:
    """Without a cycle: the policies name no distribution, and the distribution is given no object of their stacks."""
    wanted = {"ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::000000000000:distribution/*"}}
    for region in platform.environment.regions:
        for service, of_type, document in (
            (Stacks.STORAGE, "AWS::S3::BucketPolicy", "PolicyDocument"),
            (Stacks.SECURITY, "AWS::KMS::Key", "KeyPolicy"),
        ):
            stack = platform.stack(service, region.name)
            admitting = [
                statement
                for properties in stack.properties(of_type)
                for statement in statements_of(properties[document])
                if statement.get("Principal") == {"Service": "cloudfront.amazonaws.com"}
            ]
            assert [statement["Condition"] for statement in admitting] == [wanted], stack.name
            assert admitting[0]["Action"] in (["s3:GetObject"], ["kms:Decrypt"])


def test_reads_fall_back_to_the_partner_regions_replica(platform: Assembly) -> None:
    for region in platform.environment.regions:
        config = assets_distribution(platform.stack(Stacks.CDN, region.name))
        partner = platform.environment.partner_of(region)
        if partner is None:
            assert "OriginGroups" not in config
            continue
        (group,) = config["OriginGroups"]["Items"]
        members = [member["OriginId"] for member in group["Members"]["Items"]]
        assert members == [origin["Id"] for origin in buckets_of(config)]
        assert config["DefaultCacheBehavior"]["TargetOriginId"] == group["Id"]
        assert partner.name in buckets_of(config)[1]["DomainName"]
        assert set(group["FailoverCriteria"]["StatusCodes"]["Items"]) == {403, 500, 502, 503, 504}


def test_both_buckets_are_read_below_the_same_release(platform: Assembly) -> None:
    paths = {
        origin["OriginPath"] for stack in platform.of(Stacks.CDN) for origin in buckets_of(assets_distribution(stack))
    }
    (path,) = paths
    (release,) = {
        properties["Release"]
        for stack in platform.of(Stacks.CDN)
        for properties in stack.properties("Custom::SiteRelease")
    }
    assert path == f"/{release}"


def test_what_viewers_get_is_compressed_secured_and_modern(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        config = assets_distribution(stack)
        behaviour = config["DefaultCacheBehavior"]
        assert behaviour["Compress"] is True
        assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https"
        assert behaviour["AllowedMethods"] == ["GET", "HEAD", "OPTIONS"]
        assert behaviour["CachePolicyId"] == OPTIMISED
        assert config["HttpVersion"] == "http2and3"
        assert config["IPV6Enabled"] is True
        assert config["DefaultRootObject"] == "index.html"
        policy = stack.resources[behaviour["ResponseHeadersPolicyId"]["Ref"]]["Properties"]
        headers = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        assert headers["StrictTransportSecurity"]["AccessControlMaxAgeSec"] >= 365 * 86400
        assert headers["ContentTypeOptions"] == {"Override": True}
        assert headers["FrameOptions"]["FrameOption"] == "DENY"
        assert "default-src 'self'" in headers["ContentSecurityPolicy"]["ContentSecurityPolicy"]


def test_every_distribution_with_names_of_its_own_takes_no_tls_before_1_2(platform: Assembly) -> None:
    for _, logical_id, resource in platform.resources(DISTRIBUTION):
        certificate = resource["Properties"]["DistributionConfig"]["ViewerCertificate"]
        assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021", logical_id
        assert certificate["SslSupportMethod"] == "sni-only"
        found = certificate["AcmCertificateArn"]["Fn::GetStackOutput"]
        assert (found["Region"], found["OutputName"]) == (GLOBAL_SERVICES_REGION, "CertificateArn")


def test_the_public_name_belongs_to_the_home_region_and_every_region_has_its_own(platform: Assembly) -> None:
    home = platform.environment.home.name
    for region in platform.environment.regions:
        stack = platform.stack(Stacks.CDN, region.name)
        names = assets_distribution(stack)["Aliases"]
        own = f"{region.name}.cdn.test.acme.example"
        assert names == (["cdn.test.acme.example", own] if region.name == home else [own])


def test_every_name_of_a_distribution_leads_to_it_over_both_protocols(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        records = stack.properties("AWS::Route53::RecordSet")
        for logical_id, distribution in stack.of_type(DISTRIBUTION).items():
            for name in distribution["Properties"]["DistributionConfig"]["Aliases"]:
                found = [record for record in records if record["Name"] == f"{name}."]
                assert {record["Type"] for record in found} == {"A", "AAAA"}
                for record in found:
                    assert text(record["AliasTarget"]["DNSName"]) == f"${{{logical_id}.DomainName}}"
                    # What CloudFront's own zone does not offer: https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html
                    assert record["AliasTarget"]["EvaluateTargetHealth"] is False


def test_accesses_are_logged_to_a_bucket_that_takes_them(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        (bucket_id,) = {
            properties["DistributionConfig"]["Logging"]["Bucket"]["Fn::GetAtt"][0]
            for properties in stack.properties(DISTRIBUTION)
        }
        bucket = stack.resources[bucket_id]["Properties"]
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_errors_have_pages_and_the_applications_own_errors_are_left_alone(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        shown = {
            error["ErrorCode"]: (error["ResponseCode"], error["ResponsePagePath"], error["ErrorCachingMinTTL"])
            for error in assets_distribution(stack)["CustomErrorResponses"]
        }
        assert shown == {
            403: (404, "/errors/not-found.html", 10),
            502: (502, "/errors/unavailable.html", 0),
            504: (504, "/errors/unavailable.html", 0),
        }


def test_dynamic_paths_lead_to_the_latency_name_and_take_writes() -> None:
    for stack in with_api().of(Stacks.CDN):
        config = assets_distribution(stack)
        behaviours = config["CacheBehaviors"]
        assert [behaviour["PathPattern"] for behaviour in behaviours] == ["/items/*", "/orders/*"]
        for behaviour in behaviours:
            (origin,) = [origin for origin in config["Origins"] if origin["Id"] == behaviour["TargetOriginId"]]
            assert origin["DomainName"] == "app.test.acme.example"
            assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
            assert origin["CustomOriginConfig"]["OriginSSLProtocols"] == ["TLSv1.2"]
            assert {"PUT", "POST", "PATCH", "DELETE"} <= set(behaviour["AllowedMethods"])
            assert behaviour["CachePolicyId"] == DISABLED
            assert behaviour["OriginRequestPolicyId"] == WITHOUT_HOST
            assert behaviour["ViewerProtocolPolicy"] == "https-only"
        # An origin group takes no writes: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/high_availability_origin_failover.html
        groups = {group["Id"] for group in config["OriginGroups"]["Items"]}
        assert groups.isdisjoint(behaviour["TargetOriginId"] for behaviour in behaviours)


def test_without_dynamic_paths_the_application_is_not_behind_the_edge(platform: Assembly) -> None:
    for stack in platform.of(Stacks.CDN):
        config = assets_distribution(stack)
        assert "CacheBehaviors" not in config
        assert len(config["Origins"]) == len(buckets_of(config))


def test_patience_with_origins_is_that_of_the_budget() -> None:
    stack = with_api(
        assets_origin={"connection_timeout": 3, "connection_attempts": 1, "response_timeout": 4},
        api_origin={"connection_timeout": 1, "connection_attempts": 2, "response_timeout": 5},
    ).stack(Stacks.CDN)
    config = assets_distribution(stack)
    for origin in buckets_of(config):
        assert (origin["ConnectionTimeout"], origin["ConnectionAttempts"]) == (3, 1)
        assert origin["S3OriginConfig"]["OriginReadTimeout"] == 4
    (api,) = [origin for origin in config["Origins"] if "CustomOriginConfig" in origin]
    assert (api["ConnectionTimeout"], api["ConnectionAttempts"]) == (1, 2)
    assert api["CustomOriginConfig"]["OriginReadTimeout"] == 5


@pytest.mark.parametrize("regions", [1, 2, 3])
def test_with_the_firewall_every_assets_distribution_is_behind_one_web_acl(regions: int) -> None:
    assembly = synthesise(environment(regions=regions, cdn={"waf": {"enabled": True}}))
    edge = assembly.stack(Stacks.EDGE, GLOBAL_SERVICES_REGION)
    acl = one(edge, "AWS::WAFv2::WebACL")
    assert acl["Scope"] == "CLOUDFRONT"
    limits = [rule["Statement"].get("RateBasedStatement", {}).get("Limit") for rule in acl["Rules"]]
    assert 10_000 in limits
    assert one(edge, "AWS::Logs::LogGroup")["LogGroupName"] == "aws-waf-logs-Acme-test-Edge"
    for stack in assembly.of(Stacks.CDN):
        found = assets_distribution(stack)["WebACLId"]["Fn::GetStackOutput"]
        assert (found["StackName"], found["OutputName"]) == (edge.name, "WebAclArn")


def test_without_the_firewall_there_is_none(platform: Assembly) -> None:
    assert platform.stack(Stacks.EDGE, GLOBAL_SERVICES_REGION).of_type("AWS::WAFv2::WebACL") == {}
    for _, logical_id, resource in platform.resources(DISTRIBUTION):
        assert "WebACLId" not in resource["Properties"]["DistributionConfig"], logical_id


@pytest.mark.parametrize("regions", [1, 2, 3])
def test_without_names_of_the_domain_distributions_answer_to_their_own(regions: int) -> None:
    assembly = synthesise(environment(regions=regions, cdn={"custom_names": False}))
    for stack in assembly.of(Stacks.CDN):
        config = assets_distribution(stack)
        assert "Aliases" not in config
        assert "ViewerCertificate" not in config
        named = {record["Name"] for record in stack.properties("AWS::Route53::RecordSet")}
        assert named <= {f"switches-{stack.region}.cdn.test.acme.example."}


@pytest.mark.parametrize(
    ("cdn", "price_class", "restriction"),
    [
        ({}, "PriceClass_100", None),
        ({"price_class": "200"}, "PriceClass_200", None),
        (
            {"price_class": "all", "countries": {"allow": ["DE", "FR"]}},
            "PriceClass_All",
            {"RestrictionType": "whitelist", "Locations": ["DE", "FR"]},
        ),
        (
            {"countries": {"block": ["US"]}},
            "PriceClass_100",
            {"RestrictionType": "blacklist", "Locations": ["US"]},
        ),
    ],
)
def test_edges_and_countries_come_from_the_file(
    cdn: dict[str, Any], price_class: str, restriction: dict[str, Any] | None
) -> None:
    config = assets_distribution(synthesise(environment(regions=1, cdn=cdn)).stack(Stacks.CDN))
    assert config["PriceClass"] == price_class
    assert config.get("Restrictions", {}).get("GeoRestriction") == restriction


def test_the_certificate_and_the_assets_are_there_before_the_distribution(platform: Assembly) -> None:
    before = order(platform)
    edge = platform.stack(Stacks.EDGE, GLOBAL_SERVICES_REGION).name
    for stack in platform.of(Stacks.CDN):
        assert {edge, f"Acme-test-Storage-{stack.region}"} <= before[stack.name]
