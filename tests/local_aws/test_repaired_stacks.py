"""What a template says of a bucket, a table, a zone, a database, a secret or a topic is so afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.process import LocalAws
from tests.local_aws.added_types import NETWORK, OTHER_REGION, REGION, SUBJECT, att, own, ref, role, tags
from tests.local_aws.stacks import Resources, Stack, stack, until


def bucket(**properties: Any) -> Resources:
    return {SUBJECT: {"Type": "AWS::S3::Bucket", "Properties": properties}}


def missing(ask: Any, **asked: Any) -> bool:
    """Whether a setting is not there."""
    try:
        ask(**asked)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    return False


def test_a_bucket_has_the_settings_of_its_template_and_loses_them_with_it(aws: LocalAws) -> None:
    settings: dict[str, Any] = {
        "Tags": tags(Owner="one"),
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": att("Key")},
                    "BucketKeyEnabled": "true",
                }
            ]
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LoggingConfiguration": {"DestinationBucketName": ref("Log"), "LogFilePrefix": "log/"},
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "old",
                    "Status": "Enabled",
                    "Prefix": "raw/",
                    "TagFilters": [{"Key": "Class", "Value": "cold"}],
                    "ExpirationInDays": "90",
                    "Transitions": [{"StorageClass": "GLACIER", "TransitionInDays": 30}],
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2},
                    "NoncurrentVersionTransitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 30}],
                },
                {"Status": "Enabled", "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": "3"}},
            ]
        },
    }
    others = {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}},
        "Log": {"Type": "AWS::S3::Bucket", "Properties": {}},
    }
    made = Stack(aws, REGION).deploy({**others, **bucket(**settings)}, {"Key": att("Key")})
    s3, name = aws.client("s3", REGION), made.ids[SUBJECT]
    assert own(s3.get_bucket_tagging(Bucket=name)["TagSet"])["Owner"] == "one"
    rule = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == made.outputs["Key"]
    assert rule["BucketKeyEnabled"]
    owned = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    logged = s3.get_bucket_logging(Bucket=name)["LoggingEnabled"]
    assert (logged["TargetBucket"], logged["TargetPrefix"]) == (made.ids["Log"], "log/")
    old, unfinished = s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert old["Filter"]["And"]["Prefix"] == "raw/"
    assert old["Filter"]["And"]["Tags"] == [{"Key": "Class", "Value": "cold"}]
    assert old["Expiration"]["Days"] == 90
    assert old["Transitions"] == [{"Days": 30, "StorageClass": "GLACIER"}]
    assert old["NoncurrentVersionExpiration"] == {"NoncurrentDays": 7, "NewerNoncurrentVersions": 2}
    assert old["NoncurrentVersionTransitions"] == [{"NoncurrentDays": 30, "StorageClass": "STANDARD_IA"}]
    assert unfinished["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 3
    made.deploy({**others, **bucket()})
    assert made.ids[SUBJECT] == name
    for ask in (s3.get_bucket_ownership_controls, s3.get_bucket_lifecycle_configuration):
        assert missing(ask, Bucket=name)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name)
    made.delete()


def test_an_encryption_by_the_accounts_own_key_takes_objects(aws: LocalAws) -> None:
    algorithm = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    made = Stack(aws, REGION).deploy(bucket(BucketEncryption={"ServerSideEncryptionConfiguration": [algorithm]}))
    aws.client("s3", REGION).put_object(Bucket=made.ids[SUBJECT], Key="note", Body=b"said")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"Prefix": "raw/"}, {"Prefix": "raw/"}),
        ({"TagFilters": [{"Key": "Class", "Value": "cold"}]}, {"Tag": {"Key": "Class", "Value": "cold"}}),
        (
            {"ObjectSizeGreaterThan": "10", "ObjectSizeLessThan": 20},
            {"And": {"Prefix": "", "ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 20}},
        ),
        ({}, {"Prefix": ""}),
    ],
)
def test_a_lifecycle_rule_is_for_what_its_template_says(
    aws: LocalAws, rule: dict[str, Any], expected: dict[str, Any]
) -> None:
    whole = {"Status": "Enabled", "NoncurrentVersionExpirationInDays": 5, **rule}
    with stack(aws, REGION, bucket(LifecycleConfiguration={"Rules": [whole]})) as made:
        found = aws.client("s3", REGION).get_bucket_lifecycle_configuration(Bucket=made.ids[SUBJECT])["Rules"][0]
        assert found["Filter"] == expected
        assert found["NoncurrentVersionExpiration"] == {"NoncurrentDays": 5}


def test_an_object_is_replicated_to_the_bucket_of_another_region(aws: LocalAws) -> None:
    versioned = {"VersioningConfiguration": {"Status": "Enabled"}}
    there = Stack(aws, OTHER_REGION).deploy(bucket(**versioned), {"Arn": att(SUBJECT)})
    rule = {
        "Status": "Enabled",
        "Prefix": "",
        "Destination": {"Bucket": there.outputs["Arn"]},
    }
    replicating = bucket(**versioned, ReplicationConfiguration={"Role": att("Role"), "Rules": [rule]})
    here = Stack(aws, REGION).deploy({"Role": role("s3"), **replicating})
    aws.client("s3", REGION).put_object(Bucket=here.ids[SUBJECT], Key="note", Body=b"said")
    elsewhere = aws.client("s3", OTHER_REGION)
    until(lambda: not missing(elsewhere.head_object, Bucket=there.ids[SUBJECT], Key="note"), "the replica", seconds=20)


def test_a_global_table_has_its_replicas_and_loses_them_with_its_template(aws: LocalAws) -> None:
    def table(*regions: str) -> Resources:
        properties = {
            "TableName": "global",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "Replicas": [{"Region": region} for region in regions],
        }
        return {SUBJECT: {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}}

    made = Stack(aws, REGION).deploy(table(REGION, OTHER_REGION))
    here, there = aws.client("dynamodb", REGION), aws.client("dynamodb", OTHER_REGION)
    here.put_item(TableName="global", Item={"id": {"S": "one"}})
    until(lambda: there.get_item(TableName="global", Key={"id": {"S": "one"}}).get("Item"), "the replica's item")
    made.deploy(table(REGION))
    assert "global" not in there.list_tables()["TableNames"]
    made.deploy(table(REGION, OTHER_REGION))
    made.delete()
    assert "global" not in here.list_tables()["TableNames"] + there.list_tables()["TableNames"]


def test_a_zone_with_networks_is_private_and_follows_its_template(aws: LocalAws) -> None:
    others = {**NETWORK, "Second": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.1.0.0/16"}}}

    def zone(*networks: str, **tagged: str) -> Resources:
        properties = {
            "Name": "internal.example",
            "HostedZoneConfig": {"Comment": "own"},
            "HostedZoneTags": tags(**tagged),
            "VPCs": [{"VPCId": ref(name), "VPCRegion": REGION} for name in networks],
        }
        return {**others, SUBJECT: {"Type": "AWS::Route53::HostedZone", "Properties": properties}}

    made = Stack(aws, REGION).deploy(zone("Network", Owner="one", Role="dns"))
    route53, name = aws.client("route53", REGION), made.ids[SUBJECT]

    def seen() -> tuple[bool, list[str], dict[str, str]]:
        found = route53.get_hosted_zone(Id=name)
        listed = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=name)["ResourceTagSet"]["Tags"]
        return found["HostedZone"]["Config"]["PrivateZone"], [one["VPCId"] for one in found["VPCs"]], own(listed)

    ids = made.ids
    assert seen() == (True, [ids["Network"]], {"Owner": "one", "Role": "dns"})
    made.deploy(zone("Network", "Second", Owner="two"))
    assert seen() == (True, [ids["Network"], ids["Second"]], {"Owner": "two"})
    made.deploy(zone("Second"))
    assert seen() == (True, [ids["Second"]], {})
    made.delete()


def test_a_zone_without_networks_is_public(aws: LocalAws) -> None:
    zone = {SUBJECT: {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "public.example"}}}
    with stack(aws, REGION, zone) as made:
        found = aws.client("route53", REGION).get_hosted_zone(Id=made.ids[SUBJECT])
        assert not found["HostedZone"]["Config"]["PrivateZone"]


DATABASE = {
    "DBInstanceIdentifier": "source",
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "mysql",
    "EngineVersion": "8.0.40",
    "AllocatedStorage": "20",
    "MasterUsername": "admin",
    "MasterUserPassword": "not-a-secret",
    "StorageEncrypted": True,
}


@pytest.mark.parametrize("region", [REGION, OTHER_REGION])
def test_a_read_replica_has_its_sources_engine_and_each_knows_the_other(aws: LocalAws, region: str) -> None:
    source = Stack(aws, REGION).deploy({SUBJECT: {"Type": "AWS::RDS::DBInstance", "Properties": DATABASE}})

    def described(where: str, name: str) -> dict[str, Any]:
        answer = aws.client("rds", where).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return dict(answer)

    arn = described(REGION, "source")["DBInstanceArn"]
    properties = {
        "DBInstanceIdentifier": "copy",
        "DBInstanceClass": "db.t4g.micro",
        "SourceDBInstanceIdentifier": "source" if region == REGION else arn,
    }
    copy = Stack(aws, region).deploy({SUBJECT: {"Type": "AWS::RDS::DBInstance", "Properties": properties}})
    replica = described(region, "copy")
    assert (replica["Engine"], replica["EngineVersion"], replica["StorageEncrypted"]) == ("mysql", "8.0.40", True)
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == ("source" if region == REGION else arn)
    known = "copy" if region == REGION else replica["DBInstanceArn"]
    assert described(REGION, "source")["ReadReplicaDBInstanceIdentifiers"] == [known]
    larger = {**properties, "DBInstanceClass": "db.t4g.small"}
    copy.deploy({SUBJECT: {"Type": "AWS::RDS::DBInstance", "Properties": larger}})
    assert described(region, "copy")["DBInstanceClass"] == "db.t4g.small"
    copy.delete()
    assert described(REGION, "source")["ReadReplicaDBInstanceIdentifiers"] == []
    source.delete()


def test_a_replica_of_no_database_is_refused(aws: LocalAws) -> None:
    properties = {"DBInstanceClass": "db.t4g.micro", "SourceDBInstanceIdentifier": "no-such-source"}
    failed = Stack(aws, REGION)
    reasons = failed.refused({SUBJECT: {"Type": "AWS::RDS::DBInstance", "Properties": properties}})
    assert "The source instance could not be found: no-such-source" in reasons
    failed.delete()


def test_the_reference_to_a_secret_is_its_arn(aws: LocalAws) -> None:
    def secret(text: str) -> Resources:
        return {SUBJECT: {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "own", "SecretString": text}}}

    made = Stack(aws, REGION).deploy(secret("first"), {"Ref": ref(SUBJECT)})
    arn = made.outputs["Ref"]
    assert arn.startswith(f"arn:aws:secretsmanager:{REGION}:{aws.account}:secret:own-")
    secrets = aws.client("secretsmanager", REGION)
    made.deploy(secret("second"), {"Ref": ref(SUBJECT)})
    assert made.outputs["Ref"] == arn
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "second"
    assert drift(aws, made.name) == "IN_SYNC"
    secrets.update_secret(SecretId=arn, Description="changed by hand")
    made.delete()
    with pytest.raises(ClientError):
        secrets.get_secret_value(SecretId=arn)


def drift(aws: LocalAws, name: str) -> str:
    """Whether a stack is as its template says."""
    cloudformation = aws.client("cloudformation", REGION)
    detection = cloudformation.detect_stack_drift(StackName=name)["StackDriftDetectionId"]

    def ended() -> str | None:
        found = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        done = found["DetectionStatus"] == "DETECTION_COMPLETE"
        return str(found["StackDriftStatus"]) if done else None

    return until(ended, "the drift")


def test_a_topic_knows_its_key(aws: LocalAws) -> None:
    def topic(**properties: str) -> Resources:
        return {SUBJECT: {"Type": "AWS::SNS::Topic", "Properties": properties}}

    made = Stack(aws, REGION).deploy(topic(KmsMasterKeyId="alias/own"))
    sns, arn = aws.client("sns", REGION), made.ids[SUBJECT]
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["KmsMasterKeyId"] == "alias/own"
    made.deploy(topic())
    assert not sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("KmsMasterKeyId")
    made.delete()


def test_an_output_of_a_stack_in_another_region_is_read_there(aws: LocalAws) -> None:
    parameter = {SUBJECT: {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "there"}}}
    with stack(aws, OTHER_REGION, parameter, {"Said": att(SUBJECT, "Value")}) as there:
        said = {"Fn::GetStackOutput": {"StackName": there.name, "OutputName": "Said", "Region": OTHER_REGION}}
        here = {SUBJECT: {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": said}}}
        with stack(aws, REGION, here) as made:
            found = aws.client("ssm", REGION).get_parameter(Name=made.ids[SUBJECT])["Parameter"]
            assert found["Value"] == "there"


def test_an_entry_for_icmp_keeps_its_type(aws: LocalAws) -> None:
    entry = {
        "NetworkAclId": ref("Acl"),
        "RuleNumber": 100,
        "Protocol": 1,
        "RuleAction": "allow",
        "CidrBlock": "0.0.0.0/0",
        "Icmp": {"Type": 8, "Code": -1},
    }
    acl = {"Type": "AWS::EC2::NetworkAcl", "Properties": {"VpcId": ref("Network")}}
    resources = {**NETWORK, "Acl": acl, SUBJECT: {"Type": "AWS::EC2::NetworkAclEntry", "Properties": entry}}
    with stack(aws, REGION, resources) as made:
        found = aws.client("ec2", REGION).describe_network_acls(NetworkAclIds=[made.ids["Acl"]])["NetworkAcls"][0]
        kept = [one["IcmpTypeCode"] for one in found["Entries"] if one["RuleNumber"] == 100]
        assert kept == [{"Type": 8, "Code": -1}]


def test_every_subnet_has_its_networks_default_acl_and_one_only(aws: LocalAws) -> None:
    ec2 = aws.client("ec2", REGION)
    with stack(aws, REGION, NETWORK) as made:
        filters = [{"Name": "vpc-id", "Values": [made.ids["Network"]]}]
        (default,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        held = [one["SubnetId"] for one in default["Associations"]]
        assert sorted(held) == sorted([made.ids["Subnet"], made.ids["SecondSubnet"]])
        with pytest.raises(ClientError, match=r"InvalidNetworkAclID\.NotFound"):
            ec2.replace_network_acl_association(
                AssociationId=default["Associations"][0]["NetworkAclAssociationId"], NetworkAclId="acl-0"
            )
        with pytest.raises(ClientError, match=r"InvalidAssociationID\.NotFound"):
            ec2.replace_network_acl_association(AssociationId="aclassoc-0", NetworkAclId=default["NetworkAclId"])


NEVER_ANSWERS = "def handler(event, context): return None"


def test_a_custom_resource_that_never_answers_fails_soon(aws: LocalAws) -> None:
    resources = {
        "Role": role("lambda"),
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": att("Role"),
                "Code": {"ZipFile": NEVER_ANSWERS},
            },
        },
        SUBJECT: {"Type": "Custom::Silent", "Properties": {"ServiceToken": att("Function"), "Colour": "blue"}},
    }
    reasons = json.dumps(Stack(aws, REGION).refused(resources))
    assert SUBJECT in reasons
    assert "timed out" in reasons.lower() or "did not receive" in reasons.lower() or "failed to" in reasons.lower()
