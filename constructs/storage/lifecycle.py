"""What becomes of objects as they grow old."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from configuration.storage import Storage


def ageing_objects(storage: Storage) -> list[s3.LifecycleRule]:
    """Objects move to Glacier and expire.

    Expiry in a versioned bucket only hides an object; the hidden version goes later, and then the marker.
    """
    return [
        s3.LifecycleRule(
            id="Age",
            transitions=[
                s3.Transition(
                    storage_class=s3.StorageClass.GLACIER,
                    transition_after=cdk.Duration.days(storage.glacier_after_days),
                )
            ],
            expiration=cdk.Duration.days(storage.expire_after_days),
            noncurrent_version_expiration=cdk.Duration.days(storage.noncurrent_expire_after_days),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(storage.abort_uploads_after_days),
        ),
        _MARKERS,
    ]


def served_objects(storage: Storage) -> list[s3.LifecycleRule]:
    """Objects that are read at any age: they move to the Glacier class that answers at once, and only what was
    replaced or deleted expires.

    A page may name an asset for years; it must neither vanish nor take hours to be restored.
    """
    return [
        s3.LifecycleRule(
            id="Age",
            transitions=[
                s3.Transition(
                    storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
                    transition_after=cdk.Duration.days(storage.glacier_after_days),
                )
            ],
            noncurrent_version_expiration=cdk.Duration.days(storage.expire_after_days),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(storage.abort_uploads_after_days),
        ),
        _MARKERS,
    ]


_MARKERS = s3.LifecycleRule(id="RemoveMarkers", expired_object_delete_marker=True)
