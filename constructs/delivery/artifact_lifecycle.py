"""What becomes of the artifacts of releases."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

_YEAR = 365


def release_artifacts() -> list[s3.LifecycleRule]:
    """Artifacts stay where they can be read at once for a year, so that a release can be taken back to one of them.

    Never to Glacier: a rollback that has to wait for a restoration fails.
    """
    return [
        s3.LifecycleRule(
            id="Expire",
            expiration=cdk.Duration.days(_YEAR),
            noncurrent_version_expiration=cdk.Duration.days(30),
            abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
        ),
        s3.LifecycleRule(id="RemoveMarkers", expired_object_delete_marker=True),
    ]
