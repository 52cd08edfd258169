"""A bucket has the settings its template gives it.

MiniStack's provisioner leaves out encryption, lifecycle, ownership, logging, replication and tags:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import provisioners

from local_aws.clients import Clients, call, truth
from local_aws.repairs.completion import Completion, complete
from local_aws.resource_type import tag_list, tags_of

_TYPE = "AWS::S3::Bucket"


def apply(clients: Clients) -> None:
    """Repair it."""
    provisioners._STACK_TAG_PROPERTY.setdefault(_TYPE, ("Tags", "list"))
    complete(_TYPE, clients, _finish)


def _finish(bucket: Completion) -> None:
    s3, name = bucket.client("s3"), bucket.physical_id
    settings: dict[str, tuple[str, str, Any, Any]] = {
        "Tags": ("PutBucketTagging", "Tagging", _tagging, s3.delete_bucket_tagging),
        "BucketEncryption": (
            "PutBucketEncryption",
            "ServerSideEncryptionConfiguration",
            _encryption,
            s3.delete_bucket_encryption,
        ),
        "OwnershipControls": (
            "PutBucketOwnershipControls",
            "OwnershipControls",
            lambda given: given,
            s3.delete_bucket_ownership_controls,
        ),
        "LifecycleConfiguration": (
            "PutBucketLifecycleConfiguration",
            "LifecycleConfiguration",
            _lifecycle,
            s3.delete_bucket_lifecycle,
        ),
        "ReplicationConfiguration": (
            "PutBucketReplication",
            "ReplicationConfiguration",
            _replication,
            s3.delete_bucket_replication,
        ),
        "LoggingConfiguration": (
            "PutBucketLogging",
            "BucketLoggingStatus",
            lambda given: _logging(given, name),
            lambda Bucket: s3.put_bucket_logging(Bucket=Bucket, BucketLoggingStatus={}),  # noqa: N803
        ),
    }
    for prop, (operation, parameter, convert, remove) in settings.items():
        if bucket.changed(prop):
            if bucket.new.get(prop):
                call(s3, operation, {"Bucket": name, parameter: convert(bucket.new[prop])})
            else:
                remove(Bucket=name)


def _tagging(given: list[dict[str, str]]) -> dict[str, Any]:
    return {"TagSet": tag_list(tags_of({"Tags": given}))}


def _encryption(given: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in given["ServerSideEncryptionConfiguration"]:
        default = dict(rule.get("ServerSideEncryptionByDefault") or {})
        if str(default.get("SSEAlgorithm", "")).startswith("aws:kms") and not default.get("KMSMasterKeyID"):
            # AWS would use the account's aws/s3 key, which MiniStack doesn't have; it refuses objects without a key.
            default = {"SSEAlgorithm": "AES256"}
        rules.append(
            {
                "ApplyServerSideEncryptionByDefault": default,
                "BucketKeyEnabled": truth(rule.get("BucketKeyEnabled", False)),
            }
        )
    return {"Rules": rules}


def _logging(given: dict[str, Any], bucket: str) -> dict[str, Any]:
    enabled = {
        "TargetBucket": given.get("DestinationBucketName", bucket),
        "TargetPrefix": given.get("LogFilePrefix", ""),
        "TargetObjectKeyFormat": given.get("TargetObjectKeyFormat"),
    }
    return {"LoggingEnabled": enabled}


def _replication(given: dict[str, Any]) -> dict[str, Any]:
    rules = [{**rule, "ID": rule.get("Id", f"rule-{number}")} for number, rule in enumerate(given["Rules"])]
    return {"Role": given["Role"], "Rules": rules}


def _lifecycle(given: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(number, rule) for number, rule in enumerate(given["Rules"])]}


def _lifecycle_rule(number: int, rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in the API's words, which differ from the template's."""
    expiration = {
        "Days": rule.get("ExpirationInDays"),
        "Date": rule.get("ExpirationDate"),
        "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker"),
    }
    transitions = rule.get("Transitions") or ([rule["Transition"]] if "Transition" in rule else [])
    noncurrent = rule.get("NoncurrentVersionTransitions") or []
    expired = rule.get("NoncurrentVersionExpiration") or (
        {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
        if "NoncurrentVersionExpirationInDays" in rule
        else None
    )
    converted = {
        "ID": rule.get("Id", f"rule-{number}"),
        "Status": rule["Status"],
        "Filter": _lifecycle_filter(rule),
        "Expiration": expiration if any(value is not None for value in expiration.values()) else None,
        "Transitions": [
            {
                "Days": one.get("TransitionInDays"),
                "Date": one.get("TransitionDate"),
                "StorageClass": one["StorageClass"],
            }
            for one in transitions
        ]
        or None,
        "NoncurrentVersionTransitions": [
            {
                "NoncurrentDays": one["TransitionInDays"],
                "NewerNoncurrentVersions": one.get("NewerNoncurrentVersions"),
                "StorageClass": one["StorageClass"],
            }
            for one in noncurrent
        ]
        or None,
        "NoncurrentVersionExpiration": expired,
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
    }
    return {key: value for key, value in converted.items() if value is not None}


def _lifecycle_filter(rule: dict[str, Any]) -> dict[str, Any]:
    """What a rule is for: a prefix, tags and sizes, which the API wants in an ``And`` as soon as there are two."""
    parts: dict[str, Any] = {
        "Prefix": rule.get("Prefix"),
        "ObjectSizeGreaterThan": rule.get("ObjectSizeGreaterThan"),
        "ObjectSizeLessThan": rule.get("ObjectSizeLessThan"),
    }
    parts = {key: value for key, value in parts.items() if value is not None}
    tags = tag_list(tags_of({"Tags": rule.get("TagFilters") or []}))
    if len(parts) + len(tags) > 1:
        return {"And": {**parts, **({"Tags": tags} if tags else {})}}
    return {"Tag": tags[0]} if tags else parts or {"Prefix": ""}
