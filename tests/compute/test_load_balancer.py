"""The door of a region: TLS outside and inside, redirects, logs, protection, firewall."""

from typing import Any

import pytest

from configuration.names import Bucket, Stacks
from tests.synthesis import Assembly, StackTemplate, Template, environment, synthesise
from tests.template_reading import as_list, one, order, statements_of, text

TLS_1_2_AND_1_3_ONLY = {
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
}


def attributes(properties: Template, name: str) -> dict[str, Any]:
    return {attribute["Key"]: attribute["Value"] for attribute in properties[name]}


def listeners(stack: StackTemplate) -> dict[int, Template]:
    found = stack.properties("AWS::ElasticLoadBalancingV2::Listener")
    return {listener["Port"]: listener for listener in found}


def test_clients_speak_tls_1_2_or_newer_with_a_certificate_of_the_region(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        https = listeners(stack)[443]
        assert https["Protocol"] == "HTTPS"
        assert https["SslPolicy"] in TLS_1_2_AND_1_3_ONLY
        (certificate,) = https["Certificates"]
        issued = stack.resources[certificate["CertificateArn"]["Ref"]]
        assert issued["Type"] == "AWS::CertificateManager::Certificate"


def test_the_certificate_covers_the_public_name_and_that_of_every_region(platform: Assembly) -> None:
    domain = platform.environment.domain
    for stack in platform.of(Stacks.COMPUTE):
        certificate = one(stack, "AWS::CertificateManager::Certificate")
        names = {certificate["DomainName"], *certificate["SubjectAlternativeNames"]}
        wanted = {domain.application, *(domain.application_in(region) for region in platform.environment.regions)}
        assert all(name in names or f"*.{name.split('.', 1)[1]}" in names for name in wanted)
        assert certificate["ValidationMethod"] == "DNS"
        # CloudFormation writes the record itself only where it is told the zone, whichever stack or person made it.
        assert all("HostedZoneId" in option for option in certificate["DomainValidationOptions"])
        zone = platform.stack(Stacks.ZONE, "us-east-1").name
        assert zone in order(platform)[stack.name]


def test_a_given_zone_is_used_as_it_is() -> None:
    assembly = synthesise(environment(regions=1, domain={"name": "acme.example", "hosted_zone_id": "Z0123456789"}))
    assert assembly.of(Stacks.ZONE) == ()
    certificate = one(assembly.stack(Stacks.COMPUTE), "AWS::CertificateManager::Certificate")
    assert {option["HostedZoneId"] for option in certificate["DomainValidationOptions"]} == {"Z0123456789"}


def test_plain_http_is_redirected_and_nothing_else_listens(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert listeners(stack).keys() == {80, 443}
        (action,) = listeners(stack)[80]["DefaultActions"]
        assert action["Type"] == "redirect"
        redirect = action["RedirectConfig"]
        assert (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]) == ("HTTPS", "443", "HTTP_301")


def test_malformed_requests_are_dropped(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        balancer = one(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        found = attributes(balancer, "LoadBalancerAttributes")
        assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
        assert found["routing.http.desync_mitigation_mode"] in ("defensive", "strictest")


def test_targets_are_spoken_to_over_tls_and_judged_by_their_health_path(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        groups = stack.properties("AWS::ElasticLoadBalancingV2::TargetGroup")
        assert sorted(group["TargetType"] for group in groups) == ["instance", "ip"]
        for group in groups:
            assert (group["Protocol"], group["Port"]) == ("HTTPS", 443)
            assert (group["HealthCheckProtocol"], group["HealthCheckPath"]) == ("HTTPS", "/health")
            assert group["Matcher"] == {"HttpCode": "200"}
            # A target that begins its end is noticed before it stops accepting connections, after 20 seconds.
            assert group["HealthCheckIntervalSeconds"] * group["UnhealthyThresholdCount"] <= 30
            drain = int(attributes(group, "TargetGroupAttributes")["deregistration_delay.timeout_seconds"])
            assert 0 < drain <= 60


def test_requests_are_divided_as_the_file_says() -> None:
    share = {"instances": 3, "containers": 0}
    stack = synthesise(environment(regions=1, compute={"share": share})).stack(Stacks.COMPUTE)
    (action,) = listeners(stack)[443]["DefaultActions"]
    weights = {
        stack.resources[target["TargetGroupArn"]["Ref"]]["Properties"]["TargetType"]: target["Weight"]
        for target in action["ForwardConfig"]["TargetGroups"]
    }
    assert weights == {"instance": 3, "ip": 0}


def test_a_port_and_a_health_path_of_ones_own_reach_everything_that_has_to_know_them() -> None:
    application = {"port": 8443, "health_path": "/ready"}
    stack = synthesise(environment(regions=1, compute={"application": application})).stack(Stacks.COMPUTE)
    for group in stack.properties("AWS::ElasticLoadBalancingV2::TargetGroup"):
        assert (group["Port"], group["HealthCheckPath"]) == (8443, "/ready")
    (container,) = one(stack, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    assert container["PortMappings"] == [{"ContainerPort": 8443, "Protocol": "tcp"}]
    (service,) = one(stack, "AWS::ECS::Service")["LoadBalancers"]
    assert service["ContainerPort"] == 8443
    user_data = text(one(stack, "AWS::EC2::LaunchTemplate")["LaunchTemplateData"]["UserData"]["Fn::Base64"])
    assert "https://localhost:8443/ready" in user_data
    assert 'PORT="8443"' in user_data


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2"])
def test_access_logs_go_to_a_bucket_that_may_receive_them(region: str) -> None:
    """The policy has to stand before the logs are switched on: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html"""
    assembly = synthesise(environment())
    compute, storage = assembly.stack(Stacks.COMPUTE, region), assembly.stack(Stacks.STORAGE, region)
    found = attributes(one(compute, "AWS::ElasticLoadBalancingV2::LoadBalancer"), "LoadBalancerAttributes")
    name = f"{Bucket.AUDIT_LOGS}-000000000000-acme-test-{region}"
    (bucket,) = (
        logical_id
        for logical_id, resource in storage.of_type("AWS::S3::Bucket").items()
        if resource["Properties"]["BucketName"] == name
    )
    (policy,) = (
        policy["PolicyDocument"]
        for policy in storage.properties("AWS::S3::BucketPolicy")
        if policy["Bucket"] == {"Ref": bucket}
    )
    for kind in ("access_logs", "connection_logs"):
        assert found[f"{kind}.s3.enabled"] == "true"
        exported = found[f"{kind}.s3.bucket"]["Fn::ImportValue"]
        outputs = storage.template["Outputs"].values()
        assert [o["Value"] for o in outputs if o.get("Export", {}).get("Name") == exported] == [{"Ref": bucket}]
        objects = f"${{{bucket}.Arn}}/{found[f'{kind}.s3.prefix']}/AWSLogs/000000000000/*"
        writers = [
            as_list(next(iter(statement["Principal"].values())))
            for statement in statements_of(policy)
            if statement["Effect"] == "Allow"
            and "s3:PutObject" in statement["Action"]
            and objects in statement["Resource"]
        ]
        assert any(is_elastic_load_balancing(principal) for principals in writers for principal in principals), kind
    encryption = storage.resources[bucket]["Properties"]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption[0]["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert storage.name in order(assembly)[compute.name]


def is_elastic_load_balancing(principal: str) -> bool:
    """The service, or its account in the regions that are older than the service principal."""
    accounts = {"127311923021", "797873946194", "156460612806"}
    return principal == "logdelivery.elasticloadbalancing.amazonaws.com" or any(
        principal == f"arn:aws:iam::{account}:root" for account in accounts
    )


@pytest.mark.parametrize("retained", [True, False])
def test_what_is_retained_is_protected_from_deletion(retained: bool) -> None:
    stack = synthesise(environment(regions=1, retain_data=retained)).stack(Stacks.COMPUTE)
    found = attributes(one(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer"), "LoadBalancerAttributes")
    assert found["deletion_protection.enabled"] == str(retained).lower()


def test_the_firewall_stands_before_the_load_balancer_where_it_is_switched_on(platform: Assembly) -> None:
    for stack in platform.of(Stacks.COMPUTE):
        assert stack.of_type("AWS::WAFv2::WebACL") == {}
    guarded = synthesise(environment(compute={"waf": {"enabled": True, "requests_per_five_minutes": 500}}))
    for stack in guarded.of(Stacks.COMPUTE):
        acl = one(stack, "AWS::WAFv2::WebACL")
        assert acl["Scope"] == "REGIONAL"
        managed = [rule["Statement"].get("ManagedRuleGroupStatement", {}).get("Name") for rule in acl["Rules"]]
        assert {"AWSManagedRulesCommonRuleSet", "AWSManagedRulesKnownBadInputsRuleSet"} <= set(managed)
        (limit,) = (rule for rule in acl["Rules"] if "RateBasedStatement" in rule["Statement"])
        assert limit["Statement"]["RateBasedStatement"]["Limit"] == 500
        assert limit["Action"] == {"Block": {}}
        association = one(stack, "AWS::WAFv2::WebACLAssociation")
        assert stack.resources[association["ResourceArn"]["Ref"]]["Type"].endswith("::LoadBalancer")
        (group,) = (
            group["LogGroupName"] for group in stack.properties("AWS::Logs::LogGroup") if "LogGroupName" in group
        )
        assert group.startswith("aws-waf-logs-")
        (destination,) = one(stack, "AWS::WAFv2::LoggingConfiguration")["LogDestinationConfigs"]
        assert not text(destination).endswith(":*")
