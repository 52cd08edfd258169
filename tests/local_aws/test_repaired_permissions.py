"""With IAM enforced, a narrow policy allows what it allows on AWS, and nothing more."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.process import LocalAws
from tests.local_aws.added_types import ACCOUNT, REGION
from tests.local_aws.people import allow, somebody

BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"


def entry(source: str, detail_type: str = "Said") -> dict[str, str]:
    return {"Source": source, "DetailType": detail_type, "Detail": "{}"}


def test_parameters_are_allowed_by_their_names(aws: LocalAws) -> None:
    ssm = aws.client("ssm", REGION)
    for name in ("/own/one", "/own/two", "/other/one"):
        ssm.put_parameter(Name=name, Value="value", Type="String", Overwrite=True)
    own = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/own/*"
    with somebody(aws, *(allow(f"ssm:{action}", own) for action in ("GetParameters", "GetParametersByPath"))) as client:
        found = client("ssm").get_parameters(Names=["/own/one", "/own/two"])["Parameters"]
        assert [one["Name"] for one in found] == ["/own/one", "/own/two"]
        with pytest.raises(ClientError, match="AccessDenied"):
            client("ssm").get_parameters(Names=["/other/one"])
        with pytest.raises(ClientError, match="AccessDenied"):
            client("ssm").get_parameters_by_path(Path="/other")


def test_events_are_allowed_by_their_source(aws: LocalAws) -> None:
    condition = {"StringEquals": {"events:source": "own.pipeline"}}
    with somebody(aws, allow("events:PutEvents", BUS, Condition=condition)) as client:
        assert client("events").put_events(Entries=[entry("own.pipeline")] * 2)["FailedEntryCount"] == 0
        for forbidden in ([entry("other.pipeline")], [entry("own.pipeline"), entry("other.pipeline")]):
            with pytest.raises(ClientError, match="AccessDenied"):
                client("events").put_events(Entries=forbidden)


def test_events_are_allowed_by_their_type(aws: LocalAws) -> None:
    condition = {"StringEquals": {"events:detail-type": "Said"}}
    with somebody(aws, allow("events:PutEvents", BUS, Condition=condition)) as client:
        assert client("events").put_events(Entries=[entry("any", "Said")])["FailedEntryCount"] == 0
        with pytest.raises(ClientError, match="AccessDenied"):
            client("events").put_events(Entries=[entry("any", "Shouted")])


def test_a_backup_vault_is_allowed_by_its_name(aws: LocalAws) -> None:
    backup = aws.client("backup", REGION)
    for name in ("allowed", "forbidden"):
        backup.create_backup_vault(BackupVaultName=name)
    vault = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:allowed"
    actions = ("ListRecoveryPointsByBackupVault", "DescribeBackupVault")
    with somebody(aws, *(allow(f"backup:{action}", vault) for action in actions)) as client:
        client("backup").list_recovery_points_by_backup_vault(BackupVaultName="allowed")
        client("backup").describe_backup_vault(BackupVaultName="allowed")
        with pytest.raises(ClientError, match="AccessDenied"):
            client("backup").list_recovery_points_by_backup_vault(BackupVaultName="forbidden")
    point = "arn:aws:ec2:us-west-2::snapshot/snap-1"
    with somebody(aws, allow("backup:DeleteRecoveryPoint", point)) as client:
        with pytest.raises(ClientError) as answer:
            client("backup").delete_recovery_point(BackupVaultName="allowed", RecoveryPointArn=point)
        assert "AccessDenied" not in str(answer.value)
        with pytest.raises(ClientError, match="AccessDenied"):
            client("backup").delete_recovery_point(BackupVaultName="allowed", RecoveryPointArn=f"{point}2")


def test_loopback_counts_as_encrypted_and_other_denials_hold(aws: LocalAws) -> None:
    s3 = aws.client("s3", REGION)
    s3.create_bucket(Bucket="encrypted-only", CreateBucketConfiguration={"LocationConstraint": REGION})
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::encrypted-only/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [deny]}
    s3.put_bucket_policy(Bucket="encrypted-only", Policy=json.dumps(policy))
    with somebody(aws, allow("s3:*", "arn:aws:s3:::encrypted-only/*")) as client:
        client("s3").put_object(Bucket="encrypted-only", Key="note", Body=b"said")
        deny["Condition"] = {"StringLike": {"aws:PrincipalArn": "*"}}
        s3.put_bucket_policy(Bucket="encrypted-only", Policy=json.dumps(policy))
        with pytest.raises(ClientError, match="AccessDenied"):
            client("s3").get_object(Bucket="encrypted-only", Key="note")


def test_a_service_of_moto_is_behind_the_same_policies(aws: LocalAws) -> None:
    with somebody(aws, allow("codedeploy:ListApplications", "*"), allow("guardduty:ListDetectors", "*")) as client:
        client("codedeploy").list_applications()
        client("guardduty").list_detectors()
        with pytest.raises(ClientError, match="AccessDenied"):
            client("codedeploy").create_application(applicationName="forbidden")
        with pytest.raises(ClientError, match="AccessDenied"):
            client("guardduty").create_detector(Enable=True)
        with pytest.raises(ClientError, match="UnauthorizedOperation"):
            client("ec2").create_transit_gateway()
        with pytest.raises(ClientError, match="AccessDenied"):
            client("ssm").list_documents()


def test_accounts_are_kept_apart_in_moto_too(aws: LocalAws) -> None:
    other = LocalAws(account="444455556666")
    other._endpoint = aws.endpoint
    aws.client("codedeploy", REGION).create_application(applicationName="ours")
    assert "ours" not in other.client("codedeploy", REGION).list_applications()["applications"]
