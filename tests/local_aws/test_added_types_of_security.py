"""The types around keys, secrets, firewalls and audits: each is made, changed and taken away, as its own API tells."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import LocalAws
from tests.local_aws.added_types import (
    ACCOUNT,
    NETWORK,
    OTHER_REGION,
    REGION,
    Case,
    Client,
    att,
    live,
    own,
    ref,
    role,
    tags,
)
from tests.local_aws.stacks import Resources, Stack, stack

POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"}],
}
SECRET: Resources = {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "first"}}}
BUCKET: Resources = {"Bucket": {"Type": "AWS::S3::Bucket", "Properties": {}}}
RECORDER: Resources = {
    **BUCKET,
    "Role": role("config"),
    "Recorder": {"Type": "AWS::Config::ConfigurationRecorder", "Properties": {"RoleARN": att("Role")}},
}
PLAN: Resources = {
    "Role": role("backup"),
    "Vault": {"Type": "AWS::Backup::BackupVault", "Properties": {"BackupVaultName": "selected"}},
    "Plan": {
        "Type": "AWS::Backup::BackupPlan",
        "Properties": {
            "BackupPlan": {
                "BackupPlanName": "daily",
                "BackupPlanRule": [{"RuleName": "daily", "TargetBackupVault": ref("Vault")}],
            }
        },
    },
}
WEB_ACL: Resources = {
    "WebAcl": {
        "Type": "AWS::WAFv2::WebACL",
        "Properties": {
            "Scope": "REGIONAL",
            "DefaultAction": {"Allow": {}},
            "VisibilityConfig": {
                "SampledRequestsEnabled": True,
                "CloudWatchMetricsEnabled": True,
                "MetricName": "acl",
            },
        },
    },
}
BALANCER: Resources = {
    **NETWORK,
    **WEB_ACL,
    "Balancer": {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"Subnets": [ref("Subnet"), ref("SecondSubnet")]},
    },
}


def trail(client: Client, physical_id: str) -> Any:
    api = client("cloudtrail")
    found = api.get_trail(Name=physical_id)["Trail"]
    listed = api.list_tags(ResourceIdList=[found["TrailARN"]])["ResourceTagList"][0]["TagsList"]
    return found["IsMultiRegionTrail"], api.get_trail_status(Name=physical_id)["IsLogging"], own(listed)


def recorder(client: Client, physical_id: str) -> Any:
    found = client("config").describe_configuration_recorders(ConfigurationRecorderNames=[physical_id])
    return [one["recordingGroup"]["includeGlobalResourceTypes"] for one in found["ConfigurationRecorders"]]


def channel(client: Client, physical_id: str) -> Any:
    config = client("config")
    running = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    found = config.describe_delivery_channels(DeliveryChannelNames=[physical_id])["DeliveryChannels"]
    return [(one.get("s3KeyPrefix"), [status["recording"] for status in running]) for one in found]


def config_rule(client: Client, physical_id: str) -> Any:
    found = client("config").describe_config_rules(ConfigRuleNames=[physical_id])["ConfigRules"]
    return [json.loads(one["InputParameters"]) for one in found]


def aggregator(client: Client, physical_id: str) -> Any:
    found = client("config").describe_configuration_aggregators(ConfigurationAggregatorNames=[physical_id])
    return [one["AccountAggregationSources"][0].get("AwsRegions") or [] for one in found["ConfigurationAggregators"]]


def selection(client: Client, physical_id: str) -> Any:
    identifier, _, plan = physical_id.partition("_")
    found = client("backup").get_backup_selection(BackupPlanId=plan, SelectionId=identifier)
    return found["BackupSelection"]["SelectionName"]


def linked_role(client: Client, physical_id: str) -> Any:
    return client("iam").get_role(RoleName=physical_id)["Role"].get("Description")


def schedule(client: Client, physical_id: str) -> Any:
    found = client("secretsmanager").describe_secret(SecretId=physical_id)
    return found["RotationEnabled"] and found["RotationRules"]["AutomaticallyAfterDays"]


def secret_policy(client: Client, physical_id: str) -> Any:
    found = client("secretsmanager").get_resource_policy(SecretId=physical_id)
    return json.loads(found.get("ResourcePolicy") or "{}").get("Statement", [{}])[0].get("Action")


def association(client: Client, physical_id: str) -> Any:
    resource, _, acl = physical_id.partition("|")
    return client("wafv2").get_web_acl_for_resource(ResourceArn=resource).get("WebACL", {}).get("ARN") == acl


def waf_logging(client: Client, physical_id: str) -> Any:
    found = client("wafv2").get_logging_configuration(ResourceArn=physical_id)["LoggingConfiguration"]
    return [field["SingleHeader"]["Name"] for field in found["RedactedFields"]]


def ip_set(client: Client, physical_id: str) -> Any:
    name, identifier, scope = physical_id.split("|")
    found = client("wafv2").get_ip_set(Name=name, Id=identifier, Scope=scope)["IPSet"]
    listed = client("wafv2").list_tags_for_resource(ResourceARN=found["ARN"])["TagInfoForResource"]["TagList"]
    return found["Addresses"], own(listed)


def patterns(client: Client, physical_id: str) -> Any:
    name, identifier, scope = physical_id.split("|")
    found = client("wafv2").get_regex_pattern_set(Name=name, Id=identifier, Scope=scope)["RegexPatternSet"]
    return [one["RegexString"] for one in found["RegularExpressionList"]]


def rule_group(client: Client, physical_id: str) -> Any:
    name, identifier, scope = physical_id.split("|")
    found = client("wafv2").get_rule_group(Name=name, Id=identifier, Scope=scope)["RuleGroup"]
    return found["VisibilityConfig"]["MetricName"]


def detector(client: Client, physical_id: str) -> Any:
    return client("guardduty").get_detector(DetectorId=physical_id)["FindingPublishingFrequency"]


def macie_session(client: Client, _: str) -> Any:
    return client("macie2").get_macie_session()["findingPublishingFrequency"]


def hub(client: Client, physical_id: str) -> Any:
    return client("securityhub").describe_hub(HubArn=physical_id)["HubArn"]


VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "one"}
CASES = [
    Case(
        type="AWS::CloudTrail::Trail",
        properties={
            "TrailName": "audit",
            "S3BucketName": ref("Bucket"),
            "IsLogging": True,
            "IsMultiRegionTrail": False,
            "EventSelectors": [{"ReadWriteType": "All"}],
            "Tags": tags(Name="one", Role="audit"),
        },
        changed={"IsMultiRegionTrail": True, "IsLogging": False, "Tags": tags(Name="two")},
        read=trail,
        expected=(False, True, {"Name": "one", "Role": "audit"}),
        expected_after=(True, False, {"Name": "two"}),
        attributes=("Arn",),
        others=BUCKET,
    ),
    Case(
        type="AWS::Config::ConfigurationRecorder",
        properties={
            "Name": "recorder",
            "RoleARN": att("Role"),
            "RecordingGroup": {"AllSupported": True, "IncludeGlobalResourceTypes": False},
        },
        changed={"RecordingGroup": {"AllSupported": True, "IncludeGlobalResourceTypes": True}},
        read=recorder,
        expected=[False],
        expected_after=[True],
        others={"Role": role("config")},
    ),
    Case(
        type="AWS::Config::DeliveryChannel",
        properties={"Name": "channel", "S3BucketName": ref("Bucket"), "S3KeyPrefix": "one"},
        changed={"S3KeyPrefix": "two"},
        read=channel,
        expected=[("one", [True])],
        expected_after=[("two", [True])],
        others=RECORDER,
    ),
    Case(
        type="AWS::Config::ConfigRule",
        properties={
            "ConfigRuleName": "tagged",
            "Source": {"Owner": "AWS", "SourceIdentifier": "REQUIRED_TAGS"},
            "InputParameters": {"tag1Key": "Owner"},
        },
        changed={"InputParameters": {"tag1Key": "Team"}},
        read=config_rule,
        expected=[{"tag1Key": "Owner"}],
        expected_after=[{"tag1Key": "Team"}],
        attributes=("Arn", "ConfigRuleId"),
    ),
    Case(
        type="AWS::Config::ConfigurationAggregator",
        properties={
            "ConfigurationAggregatorName": "all",
            "AccountAggregationSources": [{"AccountIds": [ACCOUNT], "AllAwsRegions": True}],
        },
        changed={"AccountAggregationSources": [{"AccountIds": [ACCOUNT], "AwsRegions": [REGION]}]},
        read=aggregator,
        expected=[[]],
        expected_after=[[REGION]],
        attributes=("ConfigurationAggregatorArn",),
    ),
    Case(
        type="AWS::Backup::BackupSelection",
        properties={
            "BackupPlanId": ref("Plan"),
            "BackupSelection": {
                "SelectionName": "one",
                "IamRoleArn": att("Role"),
                "Resources": ["arn:aws:s3:::anything"],
            },
        },
        changed={"BackupSelection": {"SelectionName": "two", "IamRoleArn": att("Role"), "Resources": ["*"]}},
        read=selection,
        expected="one",
        expected_after="two",
        replaced=True,
        attributes=("SelectionId", "BackupPlanId"),
        others=PLAN,
    ),
    Case(
        type="AWS::IAM::ServiceLinkedRole",
        properties={"AWSServiceName": "autoscaling.amazonaws.com", "Description": "one"},
        changed={"Description": "two"},
        read=linked_role,
        expected="one",
        expected_after="two",
        attributes=("RoleName",),
    ),
    Case(
        type="AWS::SecretsManager::RotationSchedule",
        properties={
            "SecretId": ref("Secret"),
            "HostedRotationLambda": {"RotationType": "MySQLSingleUser"},
            "RotationRules": {"AutomaticallyAfterDays": "30"},
        },
        changed={"RotationRules": {"AutomaticallyAfterDays": 7}},
        read=schedule,
        expected=30,
        expected_after=7,
        attributes=("Id",),
        others=SECRET,
    ),
    Case(
        type="AWS::SecretsManager::ResourcePolicy",
        properties={"SecretId": ref("Secret"), "ResourcePolicy": POLICY},
        changed={
            "ResourcePolicy": {
                **POLICY,
                "Statement": [{**POLICY["Statement"][0], "Action": "secretsmanager:GetSecretValue"}],  # type: ignore[dict-item]
            }
        },
        read=secret_policy,
        expected="*",
        expected_after="secretsmanager:GetSecretValue",
        attributes=("Id",),
        others=SECRET,
    ),
    Case(
        type="AWS::WAFv2::WebACLAssociation",
        properties={"WebACLArn": att("WebAcl"), "ResourceArn": ref("Balancer")},
        read=association,
        expected=True,
        others=BALANCER,
    ),
    Case(
        type="AWS::WAFv2::LoggingConfiguration",
        properties={
            "ResourceArn": att("WebAcl"),
            "LogDestinationConfigs": [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-one"],
            "RedactedFields": [{"SingleHeader": {"Name": "authorization"}}],
        },
        changed={"RedactedFields": [{"SingleHeader": {"Name": "cookie"}}]},
        read=waf_logging,
        expected=["authorization"],
        expected_after=["cookie"],
        others=WEB_ACL,
    ),
    Case(
        type="AWS::WAFv2::IPSet",
        properties={
            "Name": "partners",
            "Scope": "REGIONAL",
            "IPAddressVersion": "IPV4",
            "Addresses": ["192.0.2.0/24"],
            "Tags": tags(Name="one", Role="waf"),
        },
        changed={"Addresses": ["198.51.100.0/24"], "Tags": tags(Name="two")},
        read=ip_set,
        expected=(["192.0.2.0/24"], {"Name": "one", "Role": "waf"}),
        expected_after=(["198.51.100.0/24"], {"Name": "two"}),
        attributes=("Arn", "Id"),
    ),
    Case(
        type="AWS::WAFv2::RegexPatternSet",
        properties={"Scope": "REGIONAL", "RegularExpressionList": ["^/one"]},
        changed={"RegularExpressionList": ["^/two", "^/three"]},
        read=patterns,
        expected=["^/one"],
        expected_after=["^/two", "^/three"],
        attributes=("Arn", "Id"),
    ),
    Case(
        type="AWS::WAFv2::RuleGroup",
        properties={"Name": "own", "Scope": "REGIONAL", "Capacity": 10, "VisibilityConfig": VISIBLE},
        changed={"VisibilityConfig": {**VISIBLE, "MetricName": "two"}},
        read=rule_group,
        expected="one",
        expected_after="two",
        attributes=("Arn", "Id"),
    ),
    Case(
        type="AWS::GuardDuty::Detector",
        properties={"Enable": True, "FindingPublishingFrequency": "ONE_HOUR", "Tags": tags(Name="one")},
        changed={"FindingPublishingFrequency": "SIX_HOURS"},
        read=detector,
        expected="ONE_HOUR",
        expected_after="SIX_HOURS",
        attributes=("Id",),
    ),
    Case(
        type="AWS::Macie::Session",
        properties={"FindingPublishingFrequency": "ONE_HOUR"},
        changed={"FindingPublishingFrequency": "SIX_HOURS"},
        read=macie_session,
        expected="ONE_HOUR",
        expected_after="SIX_HOURS",
        attributes=("AwsAccountId",),
    ),
    Case(
        type="AWS::SecurityHub::Hub",
        properties={"EnableDefaultStandards": False},
        changed={"AutoEnableControls": False},
        read=hub,
        expected=f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default",
        expected_after=f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default",
        attributes=("ARN", "SubscribedAt"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_it_is_made_changed_and_taken_away(aws: LocalAws, case: Case) -> None:
    live(aws, case)


def test_a_replica_of_a_key_has_the_keys_material_and_a_policy_of_its_own(aws: LocalAws) -> None:
    primary = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"MultiRegion": True, "KeyPolicy": POLICY}}}
    with stack(aws, OTHER_REGION, primary, {"Arn": att("Key")}) as there:
        properties = {
            "PrimaryKeyArn": there.outputs["Arn"],
            "KeyPolicy": POLICY,
            "Description": "one",
            "Tags": tags(Name="one", Role="replica"),
            "PendingWindowInDays": 7,
        }
        here = Stack(aws, REGION).deploy({"Replica": {"Type": "AWS::KMS::ReplicaKey", "Properties": properties}})
        kms, key = aws.client("kms", REGION), here.ids["Replica"]
        ciphertext = aws.client("kms", OTHER_REGION).encrypt(KeyId=there.ids["Key"], Plaintext=b"hidden")
        assert kms.decrypt(KeyId=key, CiphertextBlob=ciphertext["CiphertextBlob"])["Plaintext"] == b"hidden"
        other_policy = json.loads(json.dumps(POLICY).replace('"*"', '"kms:*"', 1))
        changed = {"Description": "two", "Enabled": False, "Tags": tags(Name="two"), "KeyPolicy": other_policy}
        here.deploy({"Replica": {"Type": "AWS::KMS::ReplicaKey", "Properties": {**properties, **changed}}})
        described = kms.describe_key(KeyId=key)["KeyMetadata"]
        assert (described["Description"], described["Enabled"]) == ("two", False)
        assert own(kms.list_resource_tags(KeyId=key)["Tags"], "TagKey", "TagValue") == {"Name": "two"}
        assert json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == other_policy
        here.deploy({"Replica": {"Type": "AWS::KMS::ReplicaKey", "Properties": {**properties, "Enabled": True}}})
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]
        here.delete()
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_replica_can_begin_disabled(aws: LocalAws) -> None:
    primary = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"MultiRegion": True, "KeyPolicy": POLICY}}}
    with stack(aws, OTHER_REGION, primary, {"Arn": att("Key")}) as there:
        properties = {"PrimaryKeyArn": there.outputs["Arn"], "KeyPolicy": POLICY, "Enabled": "false"}
        with stack(aws, REGION, {"Replica": {"Type": "AWS::KMS::ReplicaKey", "Properties": properties}}) as here:
            key = aws.client("kms", REGION).describe_key(KeyId=here.ids["Replica"])["KeyMetadata"]
            assert not key["Enabled"]


def test_config_deletes_no_channel_of_a_running_recorder_and_nothing_that_is_not_there(aws: LocalAws) -> None:
    config = aws.client("config", REGION)
    channel_ = {"Type": "AWS::Config::DeliveryChannel", "Properties": {"Name": "kept", "S3BucketName": ref("Bucket")}}
    running = stack(aws, REGION, {**RECORDER, "Channel": channel_})
    with running, pytest.raises(ClientError, match="LastDeliveryChannelDeleteFailedException"):
        config.delete_delivery_channel(DeliveryChannelName="kept")
    with pytest.raises(ClientError, match="NoSuchDeliveryChannelException"):
        config.delete_delivery_channel(DeliveryChannelName="kept")
    with pytest.raises(ClientError, match="NoSuchConfigurationRecorderException"):
        config.delete_configuration_recorder(ConfigurationRecorderName="kept")
